#include "blob/file/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace steno::blob {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRaces = 10;

bool is_older(const Descriptor& file, std::chrono::seconds idle) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return false;
  const auto modified = std::chrono::system_clock::from_time_t(status.st_mtime);
  return std::chrono::system_clock::now() - modified >= idle;
}

/// Whether it was removed. The lock is held until the name is gone, so that no writer takes it.
bool sweep_file(const fs::path& path, std::chrono::seconds idle) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  return file.get() >= 0 && is_older(file, idle) && try_lock(file, path) &&
         ::unlink(path.c_str()) == 0;
}

/// Has `give` give a file its name in the folder, which is made if it is not there: 0 or errno.
template <class Give>
int name_in(const fs::path& folder, const Give& give) {
  for (int races = 0;; ++races) {
    int error = make_folder(folder, kFolderMode);
    if (error == 0 && give() != 0) error = errno;
    // Whoever removed the last file there may have removed the folder just then.
    if (error != ENOENT || races == kMostRaces) return error;
  }
}

}  // namespace

Error write_error(const fs::path& path, int error) {
  Error failure = file_error(path, "cannot be written", error);
  if (failure.code == Errc::not_found) failure.code = Errc::io;
  return failure;
}

bool try_lock(const Descriptor& file, const fs::path& path) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.get(), &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

Result<void> publish(const Descriptor& file, const fs::path& from, const fs::path& to) {
  int error = ::fsync(file.get()) == 0 ? 0 : errno;
  if (error == 0) {
    error = name_in(to.parent_path(), [&] { return ::rename(from.c_str(), to.c_str()); });
  }
  if (error != 0) return tl::unexpected(write_error(to, error));
  sync_folder(to.parent_path());
  return {};
}

Result<void> link_file(const fs::path& from, const fs::path& to) {
  // Or the new blob looks like what was left long ago.
  int error = ::utimensat(AT_FDCWD, from.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
  if (error != 0) return tl::unexpected(file_error(from, "cannot be copied", error));
  error = name_in(to.parent_path(), [&] { return ::link(from.c_str(), to.c_str()); });
  if (error == EEXIST) return fail(Errc::conflict, to.string() + ": is there already");
  if (error != 0) return tl::unexpected(file_error(from, "cannot be copied", error));
  sync_folder(to.parent_path());
  return {};
}

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) == 0) {
    sync_folder(path.parent_path());
    return {};
  }
  if (errno == ENOENT || errno == ENOTDIR) return {};
  return tl::unexpected(file_error(path, "cannot be removed", errno));
}

Result<std::size_t> sweep_folder(const fs::path& folder, std::chrono::seconds idle) {
  std::error_code error;
  std::size_t swept = 0;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (sweep_file(entry->path(), idle)) ++swept;
  }
  if (error) return tl::unexpected(file_error(folder, "cannot be listed", error.value()));
  if (swept > 0) sync_folder(folder);
  return swept;
}

}  // namespace steno::blob
