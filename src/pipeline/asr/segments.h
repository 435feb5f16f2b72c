#pragma once

#include <span>
#include <vector>

#include "transcript/transcript.h"

namespace steno::asr {

/// Seconds per step of a timestamp token, and per position of the encoder.
inline constexpr double kTimestampStep = 0.02;
/// Feature frames per timestamp step.
inline constexpr int kFramesPerTimestamp = 2;
inline constexpr int kFramesPerSecond = 100;

/// The start of a window and the length of its audio.
struct WindowSpan {
  double begin = 0;     ///< seconds
  double duration = 0;  ///< seconds
  int frames = 0;       ///< the same in feature frames
};

/// One window's tokens, divided into segments.
struct SegmentSplit {
  std::vector<Segment> segments;  ///< start, end and tokens (including timestamps) are set
  int advance = 0;                ///< frames from the window's begin to the next window's begin
  bool ends_in_single_timestamp = false;  ///< no text follows the last timestamp
};

/// Divides tokens at each pair of timestamp tokens (ids from `timestamp_begin`), as
/// faster_whisper.transcribe._split_segments_by_timestamps. Tokens after the last pair are dropped
/// and left to the next window, unless the window ends in a single timestamp. Without a pair, the
/// window is one segment up to its last timestamp. No segment ends after the window.
SegmentSplit split_by_timestamps(std::span<const int> tokens, int timestamp_begin,
                                 const WindowSpan& window);

}  // namespace steno::asr
