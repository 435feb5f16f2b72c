#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/pipeline.h"

namespace steno {

/// Merges the segments of all channels in order of time while they arrive, numbers them, and passes
/// them and the progress to the sink. Not thread-safe.
class Merger {
 public:
  Merger(Sink& sink, std::optional<double> total);

  /// Adds segments of one channel, in recording time and in order within the channel.
  void add(std::vector<Segment> segments);
  /// No later segment starts before `seconds`, so the earlier ones are passed to the sink.
  void release(double seconds);
  /// All segments have been added; the recording is `seconds` long. Returns all of them.
  std::vector<Segment> finish(double seconds);

 private:
  void emit(size_t count);
  void report(double done);

  Sink& sink_;
  std::optional<double> total_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double done_ = 0;
  std::vector<Segment> waiting_;  // sorted by start
  std::vector<Segment> released_;
};

}  // namespace steno
