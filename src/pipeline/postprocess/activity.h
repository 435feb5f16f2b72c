#pragma once

#include <optional>
#include <span>
#include <vector>

#include "transcript/turn.h"

// Private to postprocess/.

namespace steno::postprocess {

/// When each speaker is active.
class Activity {
 public:
  /// `turns` are in order of their start. `speakers` is the number of speakers.
  Activity(std::span<const Turn> turns, std::size_t speakers);

  std::size_t speakers() const { return by_speaker_.size(); }
  /// Seconds between `start` and `end` during which each speaker is active.
  std::vector<double> during(double start, double end) const;
  /// The speaker whose turn is nearest to that interval, if it is less than `reach` seconds away.
  std::optional<int> nearest(double start, double end, double reach) const;

 private:
  /// A speaker's turns without overlaps.
  using Turns = std::vector<Turn>;
  /// The first turn that ends after `time`.
  static Turns::const_iterator first_after(const Turns& turns, double time);

  std::vector<Turns> by_speaker_;
};

}  // namespace steno::postprocess
