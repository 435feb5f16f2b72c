#include "blob/file/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/file_lock.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRaces = 10;

/// Whether it was removed. The lock is held until the name is gone, so that no writer takes it.
bool sweep_file(const fs::path& path, const IsLeftover& is_leftover) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  return file.get() >= 0 && is_leftover(file, path) && try_lock(file, path) &&
         ::unlink(path.c_str()) == 0;
}

/// Calls `give`, which gives a file its name in `folder`. Makes the folder if it is missing.
/// Returns 0 or errno.
template <class Give>
int name_in(const fs::path& folder, const Give& give) {
  for (int races = 0;; ++races) {
    int error = make_folder(folder, kFolderMode);
    if (error == 0 && give() != 0) error = errno;
    // A remove() of the last file there may have removed the folder meanwhile.
    if (error != ENOENT || races == kMostRaces) return error;
  }
}

}  // namespace

Error write_error(const fs::path& path, int error) {
  Error failure = file_error(path, "cannot be written", error);
  if (failure.code == Errc::not_found) failure.code = Errc::io;
  return failure;
}

Result<void> prepare_folder(const fs::path& folder) {
  constexpr std::string_view kWhat =
      "cannot be written to (give the user that runs Steno the right to, or choose another folder)";
  int error = make_folder(folder, kFolderMode);
  if (error == 0 && ::faccessat(AT_FDCWD, (folder / "").c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    error = errno;
  }
  if (error == 0) return {};
  Error failure = file_error(folder, kWhat, error);
  if (failure.code == Errc::not_found) failure.code = Errc::io;
  return tl::unexpected(std::move(failure));
}

Result<std::optional<std::uint64_t>> free_bytes_at(const fs::path& folder) {
  struct statvfs status {};
  if (::statvfs(folder.c_str(), &status) != 0) {
    return tl::unexpected(file_error(folder, "cannot be read", errno));
  }
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

int move_file(const Descriptor& file, const fs::path& from, const fs::path& to) {
  int error = ::fsync(file.get()) == 0 ? 0 : errno;
  if (error == 0) {
    error = name_in(to.parent_path(), [&] { return ::rename(from.c_str(), to.c_str()); });
  }
  if (error == 0) sync_folder(to.parent_path());
  return error;
}

Result<void> link_file(const fs::path& from, const fs::path& to) {
  // Otherwise the new blob looks as old as the first one.
  int error = ::utimensat(AT_FDCWD, from.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
  if (error != 0) return tl::unexpected(file_error(from, "cannot be copied", error));
  error = name_in(to.parent_path(), [&] { return ::link(from.c_str(), to.c_str()); });
  if (error == EEXIST) return fail(Errc::conflict, to.string() + ": exists already");
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

bool is_older(const Descriptor& file, std::chrono::seconds idle) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return false;
  const auto modified = std::chrono::system_clock::from_time_t(status.st_mtime);
  return std::chrono::system_clock::now() - modified >= idle;
}

Result<std::size_t> sweep_folder(const fs::path& folder, const IsLeftover& is_leftover) {
  std::error_code error;
  std::size_t swept = 0;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (sweep_file(entry->path(), is_leftover)) ++swept;
  }
  if (error) return tl::unexpected(file_error(folder, "cannot be listed", error.value()));
  if (swept > 0) sync_folder(folder);
  return swept;
}

}  // namespace steno::blob
