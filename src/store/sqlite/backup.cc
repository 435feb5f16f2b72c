#include "store/sqlite/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace steno::sqlite {
namespace {

namespace fs = std::filesystem;

int sync(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  return error;
}

/// Returns 0 or the error number. Fails with EEXIST instead of replacing an existing file.
int rename_to_new(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // The file system does not support the flag.
  if (::access(to.c_str(), F_OK) == 0) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

tl::unexpected<Error> cannot(const fs::path& file, int error) {
  if (error == EEXIST) return fail(Errc::conflict, file.string() + " exists already");
  return fail(Errc::io, file.string() + " cannot be written: " + std::strerror(error));
}

/// A temporary file that is removed at the end unless it was renamed.
class Draft {
 public:
  explicit Draft(const fs::path& file)
      : path_(file.string() + ".part-" + std::to_string(::getpid())) {}
  ~Draft() { ::unlink(path_.c_str()); }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  const fs::path& path() const { return path_; }
  /// Creates it, empty, with access for its owner only, because it will contain hashes of keys.
  int create() const {
    const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return errno;
    ::close(descriptor);
    return 0;
  }

 private:
  fs::path path_;
};

}  // namespace

Result<void> backup(Database& database, const fs::path& file) {
  if (::access(file.c_str(), F_OK) == 0) return cannot(file, EEXIST);
  const Draft draft(file);
  if (const int error = draft.create(); error != 0) return cannot(file, error);
  try {
    database.read("backup", [&](Connection& connection) {
      Query(connection, "VACUUM INTO ?", draft.path().string()).run();
    });
  } catch (const StoreError& error) {
    return fail(Errc::io, file.string() + " cannot be written: " + error.what());
  }
  // VACUUM INTO does not sync the file.
  if (const int error = sync(draft.path()); error != 0) return cannot(file, error);
  if (const int error = rename_to_new(draft.path(), file); error != 0) return cannot(file, error);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  if (const int error = sync(folder); error != 0) return cannot(file, error);
  return {};
}

}  // namespace steno::sqlite
