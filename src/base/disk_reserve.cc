#include "base/disk_reserve.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/file.h"

namespace steno {
namespace {

/// Enough for a transaction of the database.
constexpr std::uint64_t kSomeSpace = 1 << 18;

std::uint64_t free_bytes(const std::filesystem::path& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) return 0;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

/// The error number, or 0. The space is really taken, not only the size set.
int fill(const std::filesystem::path& file, std::uint64_t bytes) {
  Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (out.get() < 0) return errno;
  if (const int error = ::posix_fallocate(out.get(), 0, static_cast<off_t>(bytes)); error != 0) {
    return error;
  }
  return out.close();
}

}  // namespace

Result<void> DiskReserve::keep() const {
  if (bytes_ == 0 || state() != State::none) return {};
  // Under another name first: a file of half the size would look complete.
  const std::filesystem::path draft = file_.string() + ".part-" + std::to_string(::getpid());
  int error = fill(draft, bytes_);
  if (error == 0 && ::rename(draft.c_str(), file_.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(draft.c_str());
  return tl::unexpected(file_error(file_, "cannot be written", error));
}

bool DiskReserve::give_up() const {
  if (bytes_ == 0) return false;
  if (::unlink(file_.c_str()) == 0) return true;
  return free_bytes(file_.parent_path()) >= kSomeSpace;
}

DiskReserve::State DiskReserve::state() const {
  if (bytes_ == 0) return State::none;
  std::error_code error;
  if (std::filesystem::exists(file_, error)) return State::kept;
  return has_room() ? State::none : State::given_up;
}

bool DiskReserve::has_room() const { return free_bytes(file_.parent_path()) / 2 >= bytes_; }

}  // namespace steno
