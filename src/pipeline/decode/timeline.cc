#include "pipeline/decode/timeline.h"

namespace steno::decode {
namespace {

constexpr double kLeastHole = 0.1;
constexpr double kMostHole = 3600;
constexpr double kMostOverlap = 10;
constexpr double kEndTolerance = 1;

}  // namespace

double Timeline::place(std::optional<double> stamp, double length) {
  double silence = 0;
  if (stamp) {
    if (!origin_) origin_ = *stamp;
    const double time = *stamp - *origin_ + shift_;
    const double hole = time - position_;
    const bool is_believed = end_ ? time + length <= *end_ + kEndTolerance : hole <= kMostHole;
    if (hole < -kMostOverlap || (hole > kLeastHole && !is_believed)) {
      shift_ -= hole;
    } else if (hole > kLeastHole) {
      silence = hole;
    }
  }
  position_ += silence + length;
  return silence;
}

}  // namespace steno::decode
