#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pipeline/words/span_finder.h"
#include "pipeline/words/time_map.h"

namespace steno {

/// The audio that the model decodes at once: joined spans of speech, and their original positions.
struct Window {
  std::vector<float> samples;  ///< 16 kHz
  TimeMap times;
  std::vector<size_t> cuts;  ///< the samples between two spans
};

/// Cuts one channel of a recording into windows while it arrives, in bounded memory. As many spans
/// as fit are joined, as in faster-whisper's collect_chunks. But the longest of the pauses near a
/// window's end ends it, and a pause longer than `longest_pause` always does. Not thread-safe.
class WindowBuilder {
 public:
  /// `max_length`: the most samples of a window. `longest_pause`: of those within a window, in
  /// samples.
  WindowBuilder(std::unique_ptr<SpanFinder> finder, int64_t max_length,
                int64_t longest_pause = kLongestPause);

  void push(std::span<const float> samples);
  /// The recording has ended.
  void finish();
  /// The complete windows since the last call, in order.
  std::vector<Window> take();

  /// No later window starts before this sample of the recording.
  int64_t floor() const;
  /// Samples of the recording so far.
  int64_t length() const { return begin_ + static_cast<int64_t>(audio_.size()); }
  /// Samples of all spans so far.
  int64_t speech() const { return speech_; }

 private:
  void add_spans();
  void add(const vad::Span& span);
  size_t choose_cut(int64_t pause_after) const;
  void emit(size_t spans);
  int64_t pending_length() const { return static_cast<int64_t>(pending_audio_.size()); }

  std::unique_ptr<SpanFinder> finder_;
  int64_t max_length_;
  int64_t longest_pause_;
  std::vector<float> audio_;  // for later spans; its first sample is number begin_
  int64_t begin_ = 0;
  std::vector<vad::Span> pending_;  // spans of the next window
  std::vector<float> pending_audio_;
  int64_t speech_ = 0;
  std::vector<Window> windows_;
};

}  // namespace steno
