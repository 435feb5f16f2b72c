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

/// Duration of a frame of the segmentation network, in seconds.
inline constexpr double kFrameSeconds = Networks::kFrameShift / 16000.0;
/// The middle of the first frame, in seconds.
inline constexpr double kFirstFrame = 360.5 / 16000;

/// Frames between the starts of two windows of a recording, about 2 s.
inline constexpr int kWindowHop = 118;

/// The second at which a frame of a recording begins.
inline double seconds_at(int64_t frame) {
  return kFirstFrame + kFrameSeconds * static_cast<double>(frame);
}

/// The result of the segmentation network for 10 s of audio: how active each local speaker is in
/// each frame. Local speakers are numbered anew in each window: speaker 0 of one window and speaker
/// 0 of the next may be different people.
struct SpeakerWindow {
  static constexpr size_t kSpeakers = 3;
  static constexpr float kCertain = 255;

  struct Frame {
    /// The probability that each local speaker talks, from 0 to kCertain.
    std::array<uint8_t, kSpeakers> active{};
    uint8_t two = 0;  ///< the probability that two talk at once, from 0 to kCertain
  };
  std::array<Frame, Networks::kFrames> frames;
};

/// A part of the recording, at most 2 s long, in which one speaker talks alone, and the embedding
/// of that voice.
struct Excerpt {
  int64_t begin = 0;  ///< first frame, counted from the start of the recording
  int64_t end = 0;    ///< the frame after the last one
  /// Seconds of speech that the excerpt represents: its share of all the speech of its speaker.
  float seconds = 0;
  Embedding embedding{};

  double duration() const { return kFrameSeconds * static_cast<double>(end - begin); }
};

/// The input of find_speakers() for one recording; about 70 kB per minute of audio.
struct Voices {
  int64_t samples = 0;                 ///< of the recording, at 16 kHz
  std::vector<SpeakerWindow> windows;  ///< one every kWindowHop frames, from the start on
  std::vector<Excerpt> excerpts;       ///< ordered by begin
};

/// Serialises the voices. The bytes can be read by the same version of the program on the same kind
/// of machine.
std::string to_bytes(const Voices& voices);
/// Reads the bytes of to_bytes(). Fails with invalid_argument for any other bytes.
Result<Voices> voices_from(std::string_view bytes);

}  // namespace steno::diarize
