#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/diarize/networks.h"

namespace steno::diarize {

/// Seconds of a frame of the segmentation network, and of the middle of the first one.
inline constexpr double kFrameSeconds = Networks::kFrameShift / 16000.0;
inline constexpr double kFirstFrame = 360.5 / 16000;

/// Frames between the starts of two windows of a recording, about 2 s.
inline constexpr int kWindowHop = 118;

/// Frame `frame` of a recording in seconds: where it begins.
inline double seconds_at(int64_t frame) {
  return kFirstFrame + kFrameSeconds * static_cast<double>(frame);
}

/// What the segmentation network says of 10 s: who is heard in each frame. Its speakers are those
/// of the window alone: the first of another window may be anybody.
struct Window {
  static constexpr size_t kSpeakers = 3;
  static constexpr float kCertain = 255;

  struct Frame {
    /// Of each local speaker; kCertain is certainty.
    std::array<uint8_t, kSpeakers> active{};
    uint8_t two = 0;  ///< of two at once
  };
  std::array<Frame, Networks::kFrames> frames;
};

/// A stretch in which one voice is heard alone, and what that voice is like.
struct Crop {
  int64_t begin = 0;  ///< frames of the recording
  int64_t end = 0;
  float seconds = 0;  ///< of the recording that it stands for: other crops stand for what is beside
  Embedding embedding{};

  double duration() const { return kFrameSeconds * static_cast<double>(end - begin); }
};

/// All that is to be known of a recording to tell who spoke when; about 70 kB a minute.
struct Voices {
  int64_t samples = 0;          ///< of the recording, at 16 kHz
  std::vector<Window> windows;  ///< the first begins with the recording, then one every kWindowHop
  std::vector<Crop> crops;      ///< in the order of their begin
};

/// As bytes that the same build of the program, on a machine of the same kind, reads again.
std::string to_bytes(const Voices& voices);
/// Fails with invalid_argument where the bytes are not those of to_bytes().
Result<Voices> voices_from(std::string_view bytes);

}  // namespace steno::diarize
