#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace steno::asr {

/// Samples of a recording from the place that is worked on: what lies before it is forgotten, what
/// comes after is pulled when it is asked for. The recording comes in stretches; nothing of the
/// next one is pulled before the caller goes on to it. Positions count samples from the recording's
/// start.
class AudioQueue {
 public:
  /// Gives the next samples, or false where a stretch ends.
  using Pull = std::function<bool(std::vector<float>& block)>;
  explicit AudioQueue(Pull pull) : pull_(std::move(pull)) {}

  /// Pulls until the samples before `position` are here or the stretch ends.
  void fill_to(std::int64_t position);
  /// Forgets the samples before `position`, which never goes back.
  void skip_to(std::int64_t position);
  /// At most `count` samples from `position`; fewer at the stretch's end. Valid until the next
  /// call.
  std::span<const float> at(std::int64_t position, std::int64_t count);
  /// Goes on to the next stretch, which begins at known().
  void next_stretch();
  /// Samples known to exist; those up to the end of the stretch once `ended`.
  std::int64_t known() const { return begin_ + static_cast<std::int64_t>(samples_.size()); }
  /// The end of the stretch has been seen.
  bool ended() const { return ended_; }

 private:
  Pull pull_;
  std::vector<float> samples_;
  std::int64_t begin_ = 0;  // of samples_ in the recording
  bool ended_ = false;
};

}  // namespace steno::asr
