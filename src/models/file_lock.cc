#include "models/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

namespace steno::models {

bool is_at(int descriptor, const std::string& path) {
  struct stat open_file {};
  struct stat named {};
  return ::fstat(descriptor, &open_file) == 0 && ::stat(path.c_str(), &named) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

Result<FileLock> FileLock::acquire(const std::string& path, const std::function<void()>& on_wait,
                                   const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kBetweenLooks{100};
  for (bool waits = false;;) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) {
      return fail(Errc::io, path + ": cannot be written: " + std::strerror(errno));
    }
    FileLock lock(path, -1);
    const bool is_locked = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    if (is_locked && is_at(descriptor, path)) {
      lock.descriptor_ = descriptor;
      return lock;
    }
    ::close(descriptor);
    if (is_locked) continue;  // the last owner has removed it meanwhile
    if (!std::exchange(waits, true)) on_wait();
    std::this_thread::sleep_for(kBetweenLooks);
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  }
}

FileLock::FileLock(FileLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace steno::models
