#include "pipeline/asr/segments.h"

#include <algorithm>

namespace steno::asr {
namespace {

Segment make_segment(std::span<const int> tokens, double start, double end,
                     const WindowSpan& window) {
  const double last = window.begin + window.duration;
  Segment segment;
  segment.start = std::min(start, last);
  segment.end = std::clamp(end, segment.start, last);
  segment.tokens.assign(tokens.begin(), tokens.end());
  return segment;
}

/// Positions where the token and the previous one are both timestamps.
std::vector<size_t> find_pairs(std::span<const int> tokens, int timestamp_begin) {
  std::vector<size_t> pairs;
  for (size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i] >= timestamp_begin && tokens[i - 1] >= timestamp_begin) pairs.push_back(i);
  }
  return pairs;
}

Segment whole_window(std::span<const int> tokens, int timestamp_begin, const WindowSpan& window) {
  double duration = window.duration;
  for (const int token : tokens) {
    // The last timestamp gives the end, unless it is <|0.00|>.
    if (token == timestamp_begin) duration = window.duration;
    if (token > timestamp_begin) duration = (token - timestamp_begin) * kTimestampStep;
  }
  return make_segment(tokens, window.begin, window.begin + duration, window);
}

}  // namespace

SegmentSplit split_by_timestamps(std::span<const int> tokens, int timestamp_begin,
                                 const WindowSpan& window) {
  SegmentSplit split;
  split.advance = window.frames;
  const size_t size = tokens.size();
  split.ends_in_single_timestamp =
      size >= 2 && tokens[size - 2] < timestamp_begin && tokens[size - 1] >= timestamp_begin;
  auto cuts = find_pairs(tokens, timestamp_begin);
  if (cuts.empty()) {
    split.segments.push_back(whole_window(tokens, timestamp_begin, window));
    return split;
  }
  if (split.ends_in_single_timestamp) cuts.push_back(size);
  size_t begin = 0;
  for (const size_t end : cuts) {
    const auto part = tokens.subspan(begin, end - begin);
    // A part that begins with text (a damaged hypothesis) starts at the window's begin.
    const auto time_of = [&](int token) {
      return window.begin + std::max(0, token - timestamp_begin) * kTimestampStep;
    };
    split.segments.push_back(
        make_segment(part, time_of(part.front()), time_of(part.back()), window));
    begin = end;
  }
  if (!split.ends_in_single_timestamp) {
    split.advance = std::max(0, tokens[begin - 1] - timestamp_begin) * kFramesPerTimestamp;
  }
  return split;
}

}  // namespace steno::asr
