#include "app/service/service_folder.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/atomic_file.h"

namespace steno::app {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;
using Addresses = std::vector<std::string>;

fs::path lock_file(const ServiceFolder& folder) { return folder.run() / "serve.lock"; }
fs::path status_file(const ServiceFolder& folder) { return folder.run() / "serve.json"; }

/// running_service() holds the lock for a moment while it tests it.
constexpr std::chrono::milliseconds kPatience{500};

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
  return fail(Errc::not_found, fs::absolute(root, error).string() +
                                   ": no steno service has its data here; correct data_dir, or "
                                   "start steno serve, which makes it");
}

Result<ServiceLock> ServiceLock::take(const ServiceFolder& folder) {
  auto lock = FileLock::acquire(lock_file(folder), {.patience = kPatience});
  if (!lock && lock.error().code == Errc::conflict) {
    return fail(Errc::conflict, "another steno serve works in " + folder.root.string() +
                                    "; each needs a --data-dir of its own");
  }
  if (!lock) return fail(Errc::io, lock.error().message);
  // Remains of a killed service: its process id and addresses must not be taken for this one's.
  std::error_code ignored;
  fs::remove(status_file(folder), ignored);
  return ServiceLock(status_file(folder), *std::move(lock));
}

ServiceLock::~ServiceLock() {
  if (lock_.file().get() < 0) return;  // moved from
  std::error_code ignored;             // the file has no meaning without the lock
  fs::remove(status_, ignored);
}

Result<void> ServiceLock::announce(const RunningService& service) {
  const Json status = {{"pid", service.pid}, {"addresses", service.addresses}};
  return write_file_atomically(status_, status.dump() + "\n");
}

std::optional<RunningService> running_service(const ServiceFolder& folder) {
  if (!FileLock::is_held(lock_file(folder))) return std::nullopt;
  std::ifstream file(status_file(folder));
  const Json status = Json::parse(file, nullptr, false);
  if (!status.is_object()) return std::nullopt;
  RunningService service{status.value("pid", pid_t{0}), status.value("addresses", Addresses())};
  if (service.pid <= 0 || service.addresses.empty()) return std::nullopt;
  return service;
}

}  // namespace steno::app
