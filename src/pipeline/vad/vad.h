#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/checkpoint_log.h"
#include "base/result.h"
#include "options/options.h"

// Voice activity detection: where a recording has speech.
//
//     const auto network = vad::Vad::load("silero_vad_v6.onnx").value();
//     vad::VadStream stream(network, VadOptions());
//     while (more samples) {
//       stream.push(samples);                              // 16 kHz mono
//       for (const vad::Span& span : stream.take()) use(span.start, span.end);
//     }
//     stream.finish();                                     // then take() once more

namespace steno::onnx {
class Session;
}

namespace steno::vad {

inline constexpr int kSampleRate = 16000;

/// A span of speech: samples [start, end) of the recording at 16 kHz.
struct Span {
  int64_t start = 0;
  int64_t end = 0;
  /// Samples without speech between the previous span and this one, before both were padded. 0 if
  /// the speech was only cut here because it was too long.
  int64_t pause = 0;
  bool operator==(const Span& other) const { return start == other.start && end == other.end; }
};

/// The state of the recurrent network between two calls.
struct NetworkState {
  std::vector<float> hidden = std::vector<float>(128);
  std::vector<float> cell = std::vector<float>(128);
};

/// The Silero v6 voice activity network. Loaded once per process. Thread-safe.
class Vad {
 public:
  static constexpr int kChunk = 512;   ///< samples per probability
  static constexpr int kContext = 64;  ///< samples before a chunk that are part of its input
  static constexpr int kInput = kContext + kChunk;

  /// Reads `silero_vad_v6.onnx`. Fails with bad_model; the message names the file and the cause.
  static Result<std::shared_ptr<const Vad>> load(const std::string& file);
  ~Vad();

  /// `chunks` holds n x kInput samples: each chunk follows its context. Writes n probabilities of
  /// speech and updates `state`. Throws when there is no memory.
  void run(std::span<const float> chunks, NetworkState& state,
           std::span<float> probabilities) const;

 private:
  explicit Vad(std::unique_ptr<const onnx::Session> network);
  std::unique_ptr<const onnx::Session> network_;
};

/// Finds the speech of one recording while its samples arrive, in bounded memory. The result equals
/// faster-whisper's get_speech_timestamps over the whole recording, after Leveller. Options that
/// are not set have faster-whisper's defaults: spans have any length and end at 2 s of silence. Not
/// thread-safe.
class VadStream {
 public:
  /// `checkpoint`, if any, outlives the stream: what the network said of the same samples before is
  /// taken from it, by the number of the channel.
  VadStream(std::shared_ptr<const Vad> vad, const VadOptions& options,
            CheckpointLog* checkpoint = nullptr, int channel = 0);
  ~VadStream();
  VadStream(VadStream&&) noexcept;

  /// Takes the next samples of the recording, 16 kHz mono, of any number.
  void push(std::span<const float> samples);
  /// Ends the recording: take() then returns the remaining spans.
  void finish();

  /// The spans that became final since the last call, in order. Spans never overlap.
  std::vector<Span> take();
  /// The known part of the span that take() will return next: its start is final, its end can only
  /// grow. None if no span is open, or if the options limit the length of a span.
  std::optional<Span> open() const;
  /// No future span starts before this sample.
  int64_t settled() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace steno::vad
