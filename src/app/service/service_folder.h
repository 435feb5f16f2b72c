#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno::app {

/// Where the service keeps what under its data folder.
struct ServiceFolder {
  std::filesystem::path root;

  std::filesystem::path database() const { return root / "steno.db"; }
  std::filesystem::path blobs() const { return root / "blobs"; }
  std::filesystem::path run() const { return root / "run"; }
  /// Proofs of life of the workers.
  std::filesystem::path workers() const { return run() / "workers"; }
  /// Rung when a job waits.
  std::filesystem::path work_notifications() const { return run() / "work.bell"; }
  /// Rung when an event was added.
  std::filesystem::path event_notifications() const { return run() / "news.bell"; }
};

/// Makes the folders that are missing, for their owner alone. The error names the folder.
Result<ServiceFolder> make_service_folder(const std::filesystem::path& root);

/// Fails with not_found where no service has ever been: who only looks makes no data folder of a
/// name that was mistyped.
Result<void> require_service_data(const std::filesystem::path& root);

/// The service that runs on a folder.
struct RunningService {
  pid_t pid = 0;
  std::vector<std::string> addresses;  ///< host:port
};

/// Held by `steno serve` as long as it runs: the kernel lets it go when the process ends, however
/// it ends.
class ServiceLock {
 public:
  /// Fails with conflict when another process holds it.
  static Result<ServiceLock> take(const ServiceFolder& folder);
  ServiceLock(ServiceLock&& other) noexcept;
  ServiceLock& operator=(ServiceLock&&) = delete;
  ~ServiceLock();

  /// Writes down where the service can be reached.
  Result<void> announce(const RunningService& service);

 private:
  ServiceLock(std::filesystem::path status, int descriptor)
      : status_(std::move(status)), descriptor_(descriptor) {}

  std::filesystem::path status_;
  int descriptor_ = -1;
};

/// The service that holds the lock of the folder now; none if it has not announced itself.
std::optional<RunningService> running_service(const ServiceFolder& folder);

}  // namespace steno::app
