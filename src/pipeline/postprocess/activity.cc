#include "pipeline/postprocess/activity.h"

#include <algorithm>
#include <limits>

namespace steno::postprocess {

Activity::Activity(std::span<const Turn> turns, std::size_t speakers) : by_speaker_(speakers) {
  for (const Turn& turn : turns) {
    Turns& own = by_speaker_.at(static_cast<std::size_t>(turn.speaker));
    if (!own.empty() && turn.start <= own.back().end) {
      own.back().end = std::max(own.back().end, turn.end);
    } else {
      own.push_back(turn);
    }
  }
}

Activity::Turns::const_iterator Activity::first_after(const Turns& turns, double time) {
  return std::ranges::upper_bound(turns, time, {}, &Turn::end);
}

std::vector<double> Activity::during(double start, double end) const {
  std::vector<double> seconds;
  for (const Turns& turns : by_speaker_) {
    double sum = 0;
    for (auto turn = first_after(turns, start); turn != turns.end() && turn->start < end; ++turn) {
      sum += std::min(end, turn->end) - std::max(start, turn->start);
    }
    seconds.push_back(sum);
  }
  return seconds;
}

std::optional<int> Activity::nearest(double start, double end, double reach) const {
  std::optional<int> found;
  double least = reach;
  for (const Turns& turns : by_speaker_) {
    const auto after = first_after(turns, start);
    double distance = std::numeric_limits<double>::infinity();
    if (after != turns.end()) distance = std::max(0.0, after->start - end);
    if (after != turns.begin()) distance = std::min(distance, start - std::prev(after)->end);
    if (distance >= least) continue;
    least = distance;
    found = turns.front().speaker;
  }
  return found;
}

}  // namespace steno::postprocess
