#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/pipeline.h"

namespace steno {

/// Brings the segments of all channels into one time order while they come, numbers them, and gives
/// them and the progress to the sink. Not thread-safe.
class Merger {
 public:
  Merger(Sink& sink, std::optional<double> total);

  /// Segments of one channel, in recording time; each channel's come in order.
  void add(std::vector<Segment> segments);
  /// No segment that is still to come starts before `seconds`: gives out those that do.
  void release(double seconds);
  /// The recording is `seconds` long and all of its segments are here.
  std::vector<Segment> finish(double seconds);

 private:
  void emit(size_t count);
  void tell(double done);

  Sink& sink_;
  std::optional<double> total_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double done_ = 0;
  std::vector<Segment> waiting_;  // by start
  std::vector<Segment> given_;
};

}  // namespace steno
