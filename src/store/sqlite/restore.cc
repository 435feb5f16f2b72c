#include "store/sqlite/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "store/sqlite/administration.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 100;
using Header = std::array<char, kHeaderBytes>;

fs::path with(const fs::path& file, const std::string& ending) { return file.string() + ending; }

std::optional<Header> read_header(const fs::path& file) {
  Header header{};
  std::ifstream in(file, std::ios::binary);
  if (!in.read(header.data(), header.size())) return std::nullopt;
  return std::memcmp(header.data(), "SQLite format 3", 16) == 0 ? std::optional(header)
                                                                : std::nullopt;
}

/// Whether the database was last written with a write-ahead log (the format's write version).
bool uses_log(const Header& header) { return header[18] == 2; }

bool has_content(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return !error && size > 0;
}

/// A name that does not exist yet, for what is set aside.
std::string aside(const fs::path& file) {
  const std::string stamp = to_iso8601(SystemClock().now()).substr(0, 19);
  std::string ending = ".replaced-";
  for (const char c : stamp) {
    if (c != '-' && c != ':') ending += c;
  }
  for (int i = 1;; ++i) {
    const std::string name = ending + (i == 1 ? "" : "-" + std::to_string(i));
    std::error_code error;
    if (!fs::exists(with(file, name), error) && !fs::exists(with(file, name + "-wal"), error)) {
      return name;
    }
  }
}

/// Moves a file that may be missing.
Result<void> move_if_there(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return tl::unexpected(file_error(from, "cannot be moved", errno));
}

Result<void> remove_if_there(const fs::path& file) {
  if (::unlink(file.c_str()) == 0 || errno == ENOENT) return {};
  return tl::unexpected(file_error(file, "cannot be removed", errno));
}

/// Whether a process has the database open: SQLite keeps a lock on these bytes of the file.
bool is_open_elsewhere(const fs::path& file) {
  constexpr off_t kSharedLock = 0x40000002;
  constexpr off_t kSharedBytes = 510;
  const Descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (opened.get() < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kSharedLock;
  lock.l_len = kSharedBytes;
  return ::fcntl(opened.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/// Copies the content durably into a new file for its owner alone.
Result<void> copy_database(const fs::path& from, const fs::path& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in) return tl::unexpected(file_error(from, "cannot be read", errno));
  Descriptor out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (out.get() < 0) return tl::unexpected(file_error(to, "cannot be written", errno));
  std::array<char, 1 << 16> buffer;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    const auto bytes = std::as_bytes(std::span(buffer).first(static_cast<size_t>(in.gcount())));
    if (const int error = write_all(out.get(), bytes).error; error != 0) {
      return tl::unexpected(file_error(to, "cannot be written", error));
    }
  }
  if (in.bad()) return tl::unexpected(file_error(from, "cannot be read", errno));
  if (::fsync(out.get()) != 0) return tl::unexpected(file_error(to, "cannot be written", errno));
  return {};
}

/// A file that is removed with its logs at the end, unless it was moved.
class DatabaseDraft {
 public:
  explicit DatabaseDraft(fs::path path) : path_(std::move(path)) {}
  ~DatabaseDraft() {
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
      ::unlink(with(path_, ending).c_str());
    }
  }
  DatabaseDraft(const DatabaseDraft&) = delete;
  DatabaseDraft& operator=(const DatabaseDraft&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// Opens the copy as the service would, which also brings it to this program's version.
Result<void> check_copy(const fs::path& copy, const fs::path& from) {
  const auto about = [&](const Error& error) {
    return fail(error.code, from.string() + " cannot be restored: " + error.message);
  };
  auto database = Database::open(copy, {});
  if (!database) return about(database.error());
  if (auto sound = SqliteAdministration(**database).check(); !sound) return about(sound.error());
  (*database)->empty_log();
  return {};
}

}  // namespace

Result<fs::path> set_foreign_log_aside(const fs::path& file) {
  const fs::path log = with(file, "-wal");
  // In this order: a process that makes the database writes its header before its log.
  if (!has_content(log)) return fs::path();
  const auto header = read_header(file);
  if (!header || uses_log(*header)) return fs::path();
  const fs::path kept = with(file, aside(file) + "-wal");
  if (auto moved = move_if_there(log, kept); !moved) return tl::unexpected(moved.error());
  if (auto removed = remove_if_there(with(file, "-shm")); !removed) {
    return tl::unexpected(removed.error());
  }
  sync_folder(file.parent_path());
  return kept;
}

Result<fs::path> restore(const fs::path& file, const fs::path& from) {
  const auto header = read_header(from);
  if (!header) return fail(Errc::invalid_argument, from.string() + " is no SQLite database");
  if (uses_log(*header) && has_content(with(from, "-wal"))) {
    return fail(Errc::invalid_argument,
                from.string() +
                    " is no finished copy: its log lies beside it. Restore a file that "
                    "steno backup has made");
  }
  if (is_open_elsewhere(file)) {
    return fail(Errc::conflict, file.string() + " is in use: stop the service and its workers");
  }
  const DatabaseDraft draft(with(file, ".restore-" + std::to_string(::getpid())));
  auto done =
      copy_database(from, draft.path()).and_then([&] { return check_copy(draft.path(), from); });
  if (!done) return tl::unexpected(done.error());

  // The log goes first: beside the new database, SQLite would write it into that one.
  const std::string ending = aside(file);
  std::error_code error;
  const bool has_old = fs::exists(file, error);
  done = move_if_there(with(file, "-wal"), with(file, ending + "-wal"))
             .and_then([&] { return remove_if_there(with(file, "-shm")); })
             .and_then([&] { return move_if_there(file, with(file, ending)); })
             .and_then([&] { return move_if_there(draft.path(), file); });
  if (!done) return tl::unexpected(done.error());
  sync_folder(file.parent_path());
  return has_old ? with(file, ending) : fs::path();
}

}  // namespace steno::sqlite
