#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace steno::asr {

/// A buffer of the recording's samples around the current position. Earlier samples are discarded;
/// later ones are pulled on demand. The recording comes in stretches. Samples of the next stretch
/// are pulled only after next_stretch(). Positions count samples from the recording's start.
class AudioQueue {
 public:
  /// Supplies the next samples, or returns false at the end of a stretch.
  using Pull = std::function<bool(std::vector<float>& block)>;
  explicit AudioQueue(Pull pull) : pull_(std::move(pull)) {}

  /// Pulls until the samples before `position` are buffered or the stretch ends.
  void fill_to(std::int64_t position);
  /// Discards the samples before `position`, which must not decrease.
  void skip_to(std::int64_t position);
  /// At most `count` samples from `position`; fewer at the end of the stretch. Valid until the next
  /// call.
  std::span<const float> at(std::int64_t position, std::int64_t count);
  /// Begins the next stretch, which starts at known().
  void next_stretch();
  /// The number of samples known to exist. If ended(), the position where the stretch ends.
  std::int64_t known() const { return begin_ + static_cast<std::int64_t>(samples_.size()); }
  /// Whether the end of the stretch has been reached.
  bool ended() const { return ended_; }

 private:
  Pull pull_;
  std::vector<float> samples_;
  std::int64_t begin_ = 0;  // position of samples_ in the recording
  bool ended_ = false;
};

}  // namespace steno::asr
