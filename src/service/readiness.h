#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "service/service_options.h"

namespace steno {
class Log;
class Store;
namespace blob {
class BlobStore;
class UploadStaging;
}  // namespace blob
}  // namespace steno

namespace steno::service {

/// The meaning of a failed check.
enum class Gravity {
  failure,  ///< the service is not ready
  warning,  ///< it is ready, and an operator should look
};

/// A further condition for the service to be ready: a name and a check. The check is thread-safe
/// and blocks only briefly. Anybody may read the message of its error.
struct FurtherCheck {
  std::string name;
  std::function<Result<void>()> check;
  Gravity gravity = Gravity::failure;
};

/// The result of one check.
struct ReadyCheck {
  std::string name;    ///< "database", "storage", …
  std::string reason;  ///< why the check failed, for an operator; empty: it passed
  Gravity gravity = Gravity::failure;

  bool ok() const { return reason.empty() || gravity == Gravity::warning; }
};

/// Checks whether the service can accept and do jobs, at most once a second. Thread-safe; blocks.
class Readiness {
 public:
  /// All of it is borrowed.
  Readiness(Store& store, blob::BlobStore& blobs, blob::UploadStaging& staging, const Clock& clock,
            Log& log, const ServiceOptions& options)
      : store_(store),
        blobs_(blobs),
        staging_(staging),
        clock_(clock),
        log_(log),
        options_(options) {}

  /// Adds a check. Only before the first call of checks().
  void add(FurtherCheck check) { further_.push_back(std::move(check)); }
  std::vector<ReadyCheck> checks();

 private:
  std::vector<ReadyCheck> run_checks();
  std::string check_database();
  std::string check_storage();

  Store& store_;
  blob::BlobStore& blobs_;
  blob::UploadStaging& staging_;
  const Clock& clock_;
  Log& log_;
  const ServiceOptions& options_;
  std::vector<FurtherCheck> further_;
  Mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> checked_at_ GUARDED_BY(mutex_);
  std::vector<ReadyCheck> checks_ GUARDED_BY(mutex_);
};

}  // namespace steno::service
