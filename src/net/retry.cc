#include "net/retry.h"

#include <algorithm>

namespace steno::net {

using std::chrono::milliseconds;

Backoff::Backoff(const RetryPolicy& policy) : policy_(policy), random_(std::random_device{}()) {}

milliseconds Backoff::next(std::optional<std::chrono::seconds> retry_after) {
  constexpr int kMostDoublings = 20;
  const milliseconds doubled = policy_.first_wait * (1LL << std::min(failures_, kMostDoublings));
  ++failures_;
  const milliseconds longest = std::min(doubled, policy_.longest_wait);
  std::uniform_int_distribution<milliseconds::rep> part(longest.count() / 2, longest.count());
  const milliseconds wait(part(random_));
  if (!retry_after) return wait;
  // Compared as seconds: a host may ask for more milliseconds than the type holds.
  const bool is_too_long =
      *retry_after >= std::chrono::ceil<std::chrono::seconds>(policy_.longest_retry_after);
  return std::max(wait, is_too_long ? policy_.longest_retry_after : milliseconds(*retry_after));
}

void RetryBudget::add_request() {
  const MutexLock lock(mutex_);
  tokens_ = std::min(tokens_ + options_.per_request, options_.reserve);
}

bool RetryBudget::take_retry() {
  const MutexLock lock(mutex_);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace steno::net
