#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "base/result.h"

namespace steno::app {

/// The layout of a data folder. Database and blobs lie elsewhere where store.url or blobs.url say
/// so.
struct ServiceFolder {
  static constexpr const char* kDatabase = "steno.db";

  std::filesystem::path root;

  std::filesystem::path database() const { return root / kDatabase; }
  std::filesystem::path blobs() const { return root / "blobs"; }
  /// Uploads that are not complete.
  std::filesystem::path staging() const { return blobs() / "partial"; }
  /// Files of running processes: locks, the service's addresses.
  std::filesystem::path run() const { return root / "run"; }
};

/// Makes the folders that are missing, with access for their owner alone. The error names the
/// folder.
Result<ServiceFolder> make_service_folder(const std::filesystem::path& root);

/// Fails with not_found if no service has used the folder, so that a command that only reads does
/// not make a folder of a mistyped name.
Result<void> require_service_folder(const std::filesystem::path& root);

/// The service that runs on a folder.
struct RunningService {
  pid_t pid = 0;
  std::vector<std::string> addresses;  ///< host:port
};

/// The lock that `steno serve` holds on its data folder while it runs. The kernel releases it when
/// the process ends, however it ends.
class ServiceLock {
 public:
  /// Fails with conflict when another process holds it.
  static Result<ServiceLock> take(const ServiceFolder& folder);
  ServiceLock(ServiceLock&& other) noexcept = default;
  ServiceLock& operator=(ServiceLock&&) = delete;
  ~ServiceLock();

  /// Writes the service's process and addresses into the folder.
  Result<void> announce(const RunningService& service);

 private:
  ServiceLock(std::filesystem::path status, FileLock lock)
      : status_(std::move(status)), lock_(std::move(lock)) {}

  std::filesystem::path status_;
  FileLock lock_;
};

/// The service that holds the folder's lock now; none if it has not announced itself yet.
std::optional<RunningService> running_service(const ServiceFolder& folder);

}  // namespace steno::app
