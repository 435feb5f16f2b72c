#pragma once

#include <optional>

namespace steno::decode {

/// Puts pieces of audio, whose time stamps may have holes, jump or be missing, one after the other
/// so that their time is right: says how much silence goes before each. All values in seconds.
class Timeline {
 public:
  /// `origin` is the stamp that counts as zero, none: the first one. No stamp is believed that
  /// lies after `end` (none: that leaves a hole of more than an hour).
  Timeline(std::optional<double> origin, std::optional<double> end) : origin_(origin), end_(end) {}

  /// The silence to insert before a piece of `length` that is stamped `stamp`: holes of up to
  /// 0.1 s are ignored (containers round), as are pieces that overlap; a stamp that goes back by
  /// more than 10 s or is not believed starts a new count.
  double place(std::optional<double> stamp, double length);

  /// Where the next piece is expected.
  double position() const { return position_; }

 private:
  std::optional<double> origin_;
  std::optional<double> end_;
  double position_ = 0;
  double shift_ = 0;  ///< added to stamps since they jumped
};

}  // namespace steno::decode
