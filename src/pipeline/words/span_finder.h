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

/// Says which samples of a recording are to be transcribed, while they arrive. Not thread-safe.
class SpanFinder {
 public:
  virtual ~SpanFinder() = default;
  virtual void push(std::span<const float> samples) = 0;
  virtual void finish() = 0;
  /// Spans that are final since the last call, in order, without overlap.
  virtual std::vector<vad::Span> take() = 0;
  /// The part, so far, of the next span, if it may be taken before the span is final.
  virtual std::optional<vad::Span> open() const = 0;
  /// No span that is still to come starts before this sample, which may lie far ahead.
  virtual int64_t settled() const = 0;
};

/// Samples [start, end) that the caller chose; `end` may lie behind the recording's.
using Clip = std::pair<int64_t, int64_t>;

/// Pause before the first span of a clip: clips are not joined, however near they are.
inline constexpr int64_t kClipPause = std::numeric_limits<int64_t>::max();

/// Silence in samples that no window and no stretch spans: what comes after it is another matter,
/// and may be long in coming.
inline constexpr int64_t kLongestPause = 20 * vad::kSampleRate;

/// Speech, by the network. What the network said before is taken from `checkpoint` where there is
/// one, by the number of the channel.
std::unique_ptr<SpanFinder> find_speech(std::shared_ptr<const vad::Vad> vad,
                                        const VadOptions& options,
                                        CheckpointLog* checkpoint = nullptr, int channel = 0);
/// The clips whether there is speech in them or not, in spans of at most `max_length` samples: what
/// is longer is cut at the quietest place in the last 30 % of that. Clips come in order; what
/// overlaps is not given twice.
std::unique_ptr<SpanFinder> find_clips(std::vector<Clip> clips, int64_t max_length);

/// `clip_timestamps` in samples: pairs of start and end; an odd count ends at the recording's end.
/// One clip over everything when there are none.
std::vector<Clip> clips_of(const std::vector<double>& timestamps);

}  // namespace steno
