#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "base/mutex.h"

namespace steno::net {

/// How often, and how long after a failure, a request is repeated.
struct RetryPolicy {
  int attempts = 1;                                ///< the first one included
  std::chrono::milliseconds first_wait{500};       ///< before the second attempt; then doubled
  std::chrono::milliseconds longest_wait{30'000};  ///< limit of the doubling
  std::chrono::milliseconds longest_retry_after{120'000};  ///< limit of a host's Retry-After
};

/// The waits between the attempts of one piece of work: exponential back-off with jitter. Not
/// thread-safe.
class Backoff {
 public:
  explicit Backoff(const RetryPolicy& policy);

  /// The next wait: half to all of the doubled wait, so that clients of one host do not return at
  /// the same time. A host's Retry-After makes it longer, up to `longest_retry_after`.
  std::chrono::milliseconds next(std::optional<std::chrono::seconds> retry_after = {});
  /// Starts again with the first wait, after progress was made.
  void reset() { failures_ = 0; }

 private:
  RetryPolicy policy_;
  int failures_ = 0;
  std::minstd_rand random_;
};

/// Limits the share of retries in all requests of a client, so that retries do not keep a host
/// down that fails under load. A token bucket: a request adds `per_request`, a retry takes 1.
struct RetryBudgetOptions {
  double per_request = 0.2;
  double reserve = 10;  ///< the most tokens that are kept, and those at the start
};

/// The token bucket. Thread-safe.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options)
      : options_(options), tokens_(options.reserve) {}

  void add_request();
  /// False if no retry is left.
  bool take_retry();

 private:
  const RetryBudgetOptions options_;
  Mutex mutex_;
  double tokens_ GUARDED_BY(mutex_);
};

}  // namespace steno::net
