#include "app/service/service_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "base/atomic_file.h"

namespace steno::app {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;
using Addresses = std::vector<std::string>;

fs::path lock_file(const ServiceFolder& folder) { return folder.run() / "serve.lock"; }
fs::path status_file(const ServiceFolder& folder) { return folder.run() / "serve.json"; }

/// Waits a moment, because running_service() holds the lock while it tests it. Sets errno.
bool lock(int descriptor) {
  using Steady = std::chrono::steady_clock;
  const auto until = Steady::now() + std::chrono::milliseconds(500);
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || Steady::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

std::string cause() { return std::generic_category().message(errno); }

}  // namespace

Result<ServiceFolder> make_service_folder(const fs::path& root) {
  std::error_code error;
  ServiceFolder folder{fs::absolute(root, error)};
  for (const fs::path& path : {folder.root, folder.blobs(), folder.run()}) {
    const bool made = fs::create_directories(path, error);
    if (error) {
      return fail(Errc::io, path.string() + ": the folder cannot be made: " + error.message());
    }
    if (made) fs::permissions(path, fs::perms::owner_all, error);
    if (access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
      return fail(Errc::io, path.string() + ": the folder cannot be used: " + cause());
    }
  }
  return folder;
}

Result<void> require_service_folder(const fs::path& root) {
  std::error_code error;
  const ServiceFolder folder{root};
  if (fs::exists(folder.run(), error) || fs::exists(folder.database(), error)) return {};
  return fail(Errc::not_found, root.string() + ": no steno service has its data here" +
                                   (error ? ": " + error.message() : ""));
}

Result<ServiceLock> ServiceLock::take(const ServiceFolder& folder) {
  const fs::path path = lock_file(folder);
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(Errc::io, path.string() + ": cannot be opened: " + cause());
  if (!lock(descriptor)) {
    const std::string why = errno == EWOULDBLOCK ? "" : ": " + cause();
    close(descriptor);
    return fail(Errc::conflict, "another steno serve works in " + folder.root.string() + why +
                                    "; each needs a --data-dir of its own");
  }
  // Left by a killed service: its process and addresses must not be taken for ours.
  std::error_code ignored;
  fs::remove(status_file(folder), ignored);
  return ServiceLock(status_file(folder), descriptor);
}

ServiceLock::ServiceLock(ServiceLock&& other) noexcept
    : status_(std::move(other.status_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

ServiceLock::~ServiceLock() {
  if (descriptor_ < 0) return;
  std::error_code ignored;  // without the lock the file has no meaning
  fs::remove(status_, ignored);
  close(descriptor_);
}

Result<void> ServiceLock::announce(const RunningService& service) {
  const Json status = {{"pid", service.pid}, {"addresses", service.addresses}};
  return write_file_atomically(status_, status.dump() + "\n");
}

std::optional<RunningService> running_service(const ServiceFolder& folder) {
  const int descriptor = open(lock_file(folder).c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  // Shared, so that two processes that test the lock do not take each other for a service.
  const bool free = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  close(descriptor);
  if (free) return std::nullopt;
  std::ifstream file(status_file(folder));
  const Json status = Json::parse(file, nullptr, false);
  if (!status.is_object()) return std::nullopt;
  RunningService service{status.value("pid", pid_t{0}), status.value("addresses", Addresses())};
  if (service.pid <= 0 || service.addresses.empty()) return std::nullopt;
  return service;
}

}  // namespace steno::app
