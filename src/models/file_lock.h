#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace steno::models {

/// Keeps other processes and threads from the same work. The file goes with the lock.
class FileLock {
 public:
  /// Waits for whoever holds it; `on_wait` is called once if that is needed. Fails with `io` or
  /// `cancelled`.
  static Result<FileLock> acquire(const std::string& path, const std::function<void()>& on_wait,
                                  const std::stop_token& stop);
  FileLock(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  FileLock(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
};

/// Whether the path still names the open file, that is, whether nobody has renamed or removed it.
bool is_at(int descriptor, const std::string& path);

}  // namespace steno::models
