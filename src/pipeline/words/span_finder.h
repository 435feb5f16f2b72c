#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/checkpoint_log.h"
#include "options/options.h"
#include "pipeline/vad/vad.h"

namespace steno {

/// Finds the samples of a recording that are to be transcribed, while they arrive. Not thread-safe.
class SpanFinder {
 public:
  virtual ~SpanFinder() = default;
  virtual void push(std::span<const float> samples) = 0;
  virtual void finish() = 0;
  /// The spans that became final since the last call, in order, without overlap.
  virtual std::vector<vad::Span> take() = 0;
  /// The next span as far as it is known, if it may be used before it is final.
  virtual std::optional<vad::Span> open() const = 0;
  /// No later span starts before this sample, which may lie far ahead.
  virtual int64_t settled() const = 0;
};

/// Samples [start, end) that the caller chose; `end` may lie after the recording's end.
using Clip = std::pair<int64_t, int64_t>;

/// The pause before the first span of a clip. It keeps clips apart, however close they are.
inline constexpr int64_t kClipPause = std::numeric_limits<int64_t>::max();

/// The longest silence, in samples, within a window or stretch. The speech after a longer one is
/// unrelated, and may arrive much later.
inline constexpr int64_t kLongestPause = 20 * vad::kSampleRate;

/// The same with `multilingual`: the language may be another after a pause of this length.
inline constexpr int64_t kLongestPauseOfALanguage = 3 * vad::kSampleRate / 2;

/// Finds speech by the network. Results of earlier attempts for this channel are taken from
/// `checkpoint`, if there is one; it outlives the finder.
std::unique_ptr<SpanFinder> find_speech(std::shared_ptr<const vad::Vad> vad,
                                        const VadOptions& options,
                                        CheckpointLog* checkpoint = nullptr, int channel = 0);
/// Finds the clips, with or without speech, as spans of at most `max_length` samples. A longer clip
/// is cut at the quietest place in the last 30 % of a span. Clips come in order. No sample is in
/// two spans.
std::unique_ptr<SpanFinder> find_clips(std::vector<Clip> clips, int64_t max_length);

/// Converts `clip_timestamps` to samples: pairs of start and end. With an odd count the last clip
/// ends with the recording. Without timestamps one clip spans the recording.
std::vector<Clip> clips_of(const std::vector<double>& timestamps);

}  // namespace steno
