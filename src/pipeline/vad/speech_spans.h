#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pipeline/vad/vad.h"

namespace steno::vad {

/// Turns probabilities into spans of speech by the rules of faster-whisper's get_speech_timestamps.
///
/// Problem: the reference looks at the whole recording. A stream must return a span as soon as
/// possible.
/// Idea: a span is final as soon as no later chunk can change it. That is when the padding of its
/// end can no longer meet the start of the next span, or when that start is certain.
///
/// Not thread-safe.
class SpeechSpans {
 public:
  explicit SpeechSpans(const VadOptions& options);

  /// Takes the probability of the next chunk.
  void push(float probability);
  /// Ends the recording after `length` samples.
  void finish(int64_t length);

  /// See the functions of VadStream with the same names.
  std::vector<Span> take();
  std::optional<Span> open() const;
  int64_t settled() const;

 private:
  void start(int64_t at);
  void close(int64_t end);
  bool cut_at_limit(int64_t now);
  void silence(int64_t now);
  void settle();
  void settle_start();
  bool will_stay() const;

  float threshold_;
  float neg_threshold_;
  double max_speech_;   // samples; infinite when there is no limit
  int64_t min_speech_;  // samples, as the rest
  int64_t min_silence_;
  int64_t pad_;

  int64_t now_ = 0;  // first sample of the next chunk
  bool in_speech_ = false;
  int64_t speech_start_ = 0;
  int64_t silence_start_ = 0;  // of the silence at the end of the speech so far; 0: none
  int64_t pause_start_ = 0;    // of the last pause at which speech may be cut; 0: none
  int64_t pause_end_ = 0;

  int64_t last_end_ = 0;  // of the last span, without padding

  std::optional<int64_t> padded_start_;  // of the current speech, once it is certain
  std::optional<Span> pending_;          // has ended, but its end is not padded yet
  std::vector<Span> final_;
};

}  // namespace steno::vad
