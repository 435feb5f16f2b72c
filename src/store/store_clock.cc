#include "store/store_clock.h"

#include <algorithm>
#include <utility>

#include "base/pause.h"
#include "store/store_error.h"

namespace steno {

StoreClock::StoreClock(std::function<Time()> read, StoreClockOptions options)
    : read_(std::move(read)), options_(std::move(options)) {
  refresh();
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (true) {
      pause_for(options_.refresh, stop);
      if (stop.stop_requested()) return;
      try {
        refresh();
      } catch (const StoreError&) {
        continue;  // the last offset stays; callers of the database see the error themselves
      }
    }
  });
}

Time StoreClock::now() const {
  const MutexLock lock(mutex_);
  return at(options_.steady());
}

void StoreClock::refresh() {
  const auto before = options_.steady();
  const Time read = read_();
  const auto after = options_.steady();
  const MutexLock lock(mutex_);
  // The answer is taken to have been made half-way.
  const auto travel = std::chrono::floor<Milliseconds>((after - before) / 2);
  const Time measured = read + travel;
  const bool is_first = since_ == Steady::time_point{};
  const Time shown = is_first ? measured : at(after);
  base_ = std::max(shown, measured);
  ahead_ = base_ - measured;
  since_ = after;
}

Time StoreClock::at(Steady::time_point steady) const {
  const auto passed = std::max(std::chrono::floor<Milliseconds>(steady - since_), Milliseconds(0));
  // While the clock is ahead, half of the time that passes is held back.
  return base_ + passed - std::min(passed / 2, ahead_);
}

}  // namespace steno
