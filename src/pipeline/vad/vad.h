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

namespace steno::vad {

inline constexpr int kSampleRate = 16000;

/// A stretch of speech: samples [start, end) of the recording at 16 kHz.
struct Span {
  int64_t start = 0;
  int64_t end = 0;
  /// Samples without speech before it, those of its padding and of the span before counted; 0 where
  /// speech was cut for its length.
  int64_t pause = 0;
  bool operator==(const Span& other) const { return start == other.start && end == other.end; }
};

/// What the network remembers between two calls.
struct NetworkState {
  std::vector<float> hidden = std::vector<float>(128);
  std::vector<float> cell = std::vector<float>(128);
};

/// The Silero v6 voice activity network, loaded once for the whole process. Thread-safe.
class Vad {
 public:
  static constexpr int kChunk = 512;   ///< samples that one probability stands for
  static constexpr int kContext = 64;  ///< samples before a chunk that the network sees too
  static constexpr int kInput = kContext + kChunk;

  /// Reads `silero_vad_v6.onnx`; fails with Errc::bad_model, naming the file and the cause.
  static Result<std::shared_ptr<const Vad>> load(const std::string& file);
  ~Vad();

  /// `chunks` holds n x kInput samples, each chunk after its context. Writes the n probabilities of
  /// speech and moves `state` on.
  void run(std::span<const float> chunks, NetworkState& state,
           std::span<float> probabilities) const;

 private:
  struct Session;
  explicit Vad(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

/// Where one recording has speech, found while its samples arrive; memory does not grow with the
/// recording. Equal to faster-whisper's get_speech_timestamps over the whole recording. Options
/// left open are faster-whisper's: spans of any length, ended by 2 s of silence. Not thread-safe.
class VadStream {
 public:
  /// `checkpoint`, if any, outlives the stream: what the network said of the same samples before is
  /// taken from it, by the number of the channel.
  VadStream(std::shared_ptr<const Vad> vad, const VadOptions& options,
            CheckpointLog* checkpoint = nullptr, int channel = 0);
  ~VadStream();
  VadStream(VadStream&&) noexcept;

  /// Takes the next samples of the recording, 16 kHz mono; any number.
  void push(std::span<const float> samples);
  /// Says that the recording has ended.
  void finish();

  /// The spans that have become final since the last call, in order; they never overlap.
  std::vector<Span> take();
  /// The part, so far, of the span that take() gives next: its start is final, its end only grows.
  /// Only with no limit on a span's length; nothing while there is none.
  std::optional<Span> open() const;
  /// No span that is still to come starts before this sample.
  int64_t settled() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace steno::vad
