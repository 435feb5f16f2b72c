#pragma once

#include <optional>

namespace steno::decode {

/// Computes the silence before each frame of audio, so that every frame is at its right time
/// although time stamps may have gaps, jump or be missing. All values are in seconds. Not
/// thread-safe.
class Timeline {
 public:
  /// `origin` is the time stamp that counts as zero; none: the first one. Time stamps after `end`
  /// are ignored; where `end` is none, those after a gap of more than an hour.
  Timeline(std::optional<double> origin, std::optional<double> end) : origin_(origin), end_(end) {}

  /// Adds a frame of `length` with the time stamp `stamp` and returns the silence before it. Gaps
  /// of up to 0.1 s are ignored because containers round, and so are overlaps. A time stamp that
  /// jumps back by more than 10 s, or that is ignored, becomes the expected position.
  double place(std::optional<double> stamp, double length);

  /// The expected time of the next frame.
  double position() const { return position_; }

 private:
  std::optional<double> origin_;
  std::optional<double> end_;
  double position_ = 0;
  double shift_ = 0;  ///< added to time stamps since they jumped
};

}  // namespace steno::decode
