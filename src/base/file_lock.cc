#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/pause.h"

namespace steno {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kFirstPause{5};
constexpr milliseconds kLongestPause{100};

enum class Kind { exclusive = LOCK_EX, shared = LOCK_SH };

/// 0, or the error number; EWOULDBLOCK if there is another holder.
int try_flock(const Descriptor& file, Kind kind) {
  while (::flock(file.get(), static_cast<int>(kind) | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace

bool is_at(const Descriptor& file, const fs::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.get(), &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

bool try_lock(const Descriptor& file, const fs::path& path) {
  return try_flock(file, Kind::exclusive) == 0 && is_at(file, path);
}

Result<FileLock> FileLock::acquire(const fs::path& path, const Options& options) {
  const auto deadline = SteadyClock::now() + options.patience;
  milliseconds pause = kFirstPause;
  for (bool waits = false;;) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, options.mode));
    if (file.get() < 0) return tl::unexpected(file_error(path, "cannot be opened", errno));
    const int error = try_flock(file, Kind::exclusive);
    if (error != 0 && error != EWOULDBLOCK) {
      return tl::unexpected(file_error(path, "cannot be locked", error));
    }
    if (error == 0 && is_at(file, path)) return FileLock(std::move(file), path, options.at_end);
    if (error == 0) continue;  // the previous holder removed the file meanwhile
    if (SteadyClock::now() >= deadline) {
      return fail(Errc::conflict, path.string() + ": is locked by another process");
    }
    if (!std::exchange(waits, true) && options.on_wait) options.on_wait();
    pause_for(pause, options.stop);
    if (options.stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    pause = std::min(pause * 2, kLongestPause);
  }
}

std::optional<FileLock> FileLock::try_existing(const fs::path& path, AtEnd at_end) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (file.get() < 0 || !try_lock(file, path)) return std::nullopt;
  return FileLock(std::move(file), path, at_end);
}

bool FileLock::is_held(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  // Shared, so that several that look at the same time do not take each other for a holder.
  return file.get() >= 0 && try_flock(file, Kind::shared) == EWOULDBLOCK;
}

FileLock::~FileLock() {
  // Before the lock ends: afterwards the name may belong to the next holder.
  if (file_.get() >= 0 && at_end_ == AtEnd::remove) ::unlink(path_.c_str());
}

}  // namespace steno
