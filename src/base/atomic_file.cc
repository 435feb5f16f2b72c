#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <system_error>

#include "base/file.h"

namespace steno {
namespace {

namespace fs = std::filesystem;

constexpr int kMostTries = 100;
/// The most bytes of the file's own name in the temporary name, which may have at most 255 bytes.
constexpr std::size_t kLongestPart = 200;

int write_content(int descriptor, std::string_view content) {
  return write_all(descriptor, std::as_bytes(std::span(content))).error;
}

/// Creates a new, empty file next to `path`, with the permissions that the umask allows.
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

int write_in_place(const fs::path& path, std::string_view content) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) return errno;
  const int error = write_content(file.get(), content);
  const int at_close = file.close();
  return error != 0 ? error : at_close;
}

int replace(const fs::path& path, std::string_view content) {
  std::string temporary;
  Descriptor file(create_beside(path, temporary));
  if (file.get() < 0) return errno;
  int error = write_content(file.get(), content);
  struct stat old {};
  if (error == 0 && ::stat(path.c_str(), &old) == 0 &&
      ::fchmod(file.get(), old.st_mode & 0777) != 0) {
    error = errno;
  }
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  if (const int at_close = file.close(); error == 0) error = at_close;
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
