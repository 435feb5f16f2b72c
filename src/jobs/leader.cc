#include "jobs/leader.h"

#include <utility>

#include "base/id.h"

namespace steno {

Leader::Leader(LeaderTable& table, std::string lock, Milliseconds ttl,
               std::function<Steady::time_point()> now)
    : table_(table),
      lock_(std::move(lock)),
      holder_(new_id("leader-", SystemClock().now())),
      ttl_(ttl),
      now_(std::move(now)) {}

Leader::~Leader() {
  try {
    table_.release(lock_, holder_);
  } catch (const StoreError&) {  // NOLINT(bugprone-empty-catch): the lock ends by itself
  }
}

bool Leader::renew() {
  const MutexLock lock(mutex_);
  const auto before = now_();
  const auto term = table_.take(lock_, holder_, ttl_);
  if (!term) {
    until_ = {};
    return false;
  }
  term_ = *term;
  renewed_ = before;
  until_ = before + ttl_;
  return is_within(now_());  // the call itself may have taken longer
}

bool Leader::leads() {
  {
    const MutexLock lock(mutex_);
    const auto now = now_();
    if (!is_within(now)) return false;
    if (now - renewed_ < ttl_ / 3) return true;
  }
  try {
    return renew();
  } catch (const StoreError&) {
    const MutexLock lock(mutex_);
    return is_within(now_());
  }
}

int64_t Leader::term() const {
  const MutexLock lock(mutex_);
  return term_;
}

}  // namespace steno
