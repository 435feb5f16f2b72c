#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace steno {
namespace {

namespace fs = std::filesystem;

constexpr int kMostTries = 100;
/// Of the file's own name in the temporary one, which may be no longer than 255 bytes.
constexpr std::size_t kLongestPart = 200;

/// 0 or the error number.
int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const auto count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

int close_after(int descriptor, int error) {
  // Network file systems tell of a full disk only now.
  if (::close(descriptor) != 0 && error == 0) error = errno;
  return error;
}

/// A new, empty file beside `path`, with the rights that the umask leaves.
int create_beside(const fs::path& path, std::string& name) {
  static std::atomic<unsigned> counter = 0;
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto file = path.filename().string().substr(0, kLongestPart);
    file.insert(0, ".");
    file += "." + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    name = (path.parent_path() / file).string();
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

/// Makes a rename in the folder last through a power cut. Some file systems cannot: no error.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

int write_in_place(const fs::path& path, std::string_view content) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  return close_after(descriptor, write_all(descriptor, content));
}

int replace(const fs::path& path, std::string_view content) {
  std::string temporary;
  const int descriptor = create_beside(path, temporary);
  if (descriptor < 0) return errno;
  int error = write_all(descriptor, content);
  struct stat old {};
  if (error == 0 && ::stat(path.c_str(), &old) == 0 &&
      ::fchmod(descriptor, old.st_mode & 0777) != 0) {
    error = errno;
  }
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  error = close_after(descriptor, error);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
  } else {
    sync_folder(path.has_parent_path() ? path.parent_path() : ".");
  }
  return error;
}

}  // namespace

Result<void> write_file_atomically(const fs::path& path, std::string_view content) {
  std::error_code ignored;
  const auto kind = fs::status(path, ignored).type();
  int error = 0;
  if (kind == fs::file_type::directory) {
    error = EISDIR;
  } else if (kind == fs::file_type::character || kind == fs::file_type::fifo) {
    error = write_in_place(path, content);
  } else {
    const fs::path target = fs::is_symlink(fs::symlink_status(path, ignored))
                                ? fs::weakly_canonical(path, ignored)
                                : path;
    error = replace(target.empty() ? path : target, content);
  }
  if (error == 0) return {};
  return fail(Errc::io, path.string() + ": cannot be written: " + std::strerror(error));
}

}  // namespace steno
