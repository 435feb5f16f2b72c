#include "store/guarded_clock.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "base/pause.h"

namespace steno {
namespace {

constexpr const char* kName = "clock";

/// The stored value: the believed time in milliseconds since 1970, and how long a jump has lasted.
struct StoredTime {
  Time believed;
  Milliseconds held{0};
};

std::optional<StoredTime> parse(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::istringstream words(*text);
  int64_t believed = 0;
  int64_t held = 0;
  if (!(words >> believed >> held)) return std::nullopt;
  return StoredTime{Time(Milliseconds(believed)), Milliseconds(held)};
}

std::string hours_of(Milliseconds time) {
  const auto hours = std::chrono::round<std::chrono::hours>(time).count();
  return hours < 72 ? std::to_string(hours) + " hours" : std::to_string(hours / 24) + " days";
}

}  // namespace

GuardedClock::GuardedClock(const Clock& wall, StateTable& state, std::optional<Time> last_write,
                           GuardedClockOptions options)
    : wall_(wall), state_(state), options_(std::move(options)) {
  {
    const MutexLock lock(mutex_);
    const auto stored = parse(state_.get(kName));
    believed_ = stored ? stored->believed : last_write.value_or(wall_.now());
    held_ = stored ? stored->held : Milliseconds(0);
    since_ = options_.steady();
    if (const Time now = wall_.now(); is_believed(now, believed_)) believe(now);
  }
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (true) {
      pause_for(options_.refresh, stop);
      if (stop.stop_requested()) return;
      try {
        look(jump() ? state_.get(kName) : std::nullopt);
      } catch (const StoreError&) {
        continue;  // callers of the database see the error themselves
      }
    }
  });
}

Time GuardedClock::now() const {
  const MutexLock lock(mutex_);
  const Time wall = wall_.now();
  const Time due = this->due(options_.steady());
  return is_believed(wall, due) ? wall : std::max(wall, due);
}

Time GuardedClock::trusted_now() const {
  const MutexLock lock(mutex_);
  const Time wall = wall_.now();
  const Time due = this->due(options_.steady());
  return is_believed(wall, due) ? wall : std::min(wall, due);
}

std::optional<ClockJump> GuardedClock::jump() const {
  const MutexLock lock(mutex_);
  const Time wall = wall_.now();
  const auto steady = options_.steady();
  const Time due = this->due(steady);
  if (is_believed(wall, due)) return std::nullopt;
  const auto lasted = held_ + std::chrono::floor<Milliseconds>(steady - since_);
  return ClockJump{wall - due, std::max(options_.patience - lasted, Milliseconds(0))};
}

void GuardedClock::look(const std::optional<std::string>& text) {
  const auto stored = parse(text);
  const MutexLock lock(mutex_);
  const Time wall = wall_.now();
  const auto steady = options_.steady();
  const Time due = this->due(steady);
  if (is_believed(wall, due) || (stored && is_believed(wall, stored->believed))) {
    return believe(wall);
  }
  held_ += std::chrono::floor<Milliseconds>(steady - since_);
  believed_ = due;
  since_ = steady;
  if (held_ >= options_.patience) believe(wall);
}

void GuardedClock::remember() {
  const auto before = state_.get(kName);
  look(before);
  // If accept() has written since, its value stays.
  (void)state_.replace(kName, before, stored_text());
}

void GuardedClock::accept() {
  {
    const MutexLock lock(mutex_);
    believe(wall_.now());
  }
  while (!state_.replace(kName, state_.get(kName), stored_text())) {
  }
}

std::string GuardedClock::stored_text() const {
  const MutexLock lock(mutex_);
  const Time due = this->due(options_.steady());
  return std::to_string(due.time_since_epoch().count()) + " " + std::to_string(held_.count());
}

Time GuardedClock::due(Steady::time_point steady) const {
  return believed_ + std::chrono::floor<Milliseconds>(steady - since_);
}

bool GuardedClock::is_believed(Time wall, Time due) const {
  return wall - due <= options_.limit && due - wall <= options_.limit;
}

void GuardedClock::believe(Time wall) {
  believed_ = wall;
  since_ = options_.steady();
  held_ = Milliseconds(0);
}

std::string describe(const ClockJump& jump, Time now) {
  const bool is_ahead = jump.by > Milliseconds(0);
  return "the clock shows " + to_iso8601(now) + ", " + hours_of(is_ahead ? jump.by : -jump.by) +
         (is_ahead ? " ahead of" : " behind") +
         " the time that is due; nothing expires by it for " + hours_of(jump.left) +
         ": set the clock, or run steno accept clock if it is right";
}

}  // namespace steno
