#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>

#include "base/file.h"
#include "base/result.h"

namespace steno {

/// Whether `path` itself, not a link there, still names the open file.
bool is_at(const Descriptor& file, const std::filesystem::path& path);

/// Locks an open file against every other lock, until the descriptor is closed. Does not wait.
/// False if another descriptor holds a lock, or if `path` no longer names the file.
bool try_lock(const Descriptor& file, const std::filesystem::path& path);

/// A lock file that one holder has at a time, in any process or thread (flock). The kernel releases
/// it when the process ends, also after kill -9.
///
///     auto lock = FileLock::acquire(folder / "pull.lock", {.at_end = FileLock::AtEnd::remove});
///     if (!lock) return tl::unexpected(lock.error());
class FileLock {
 public:
  /// Whether the file is removed when the lock is released.
  enum class AtEnd { keep, remove };

  struct Options {
    AtEnd at_end = AtEnd::keep;
    unsigned mode =
        0600;  ///< of a new file, less the umask; every user that may open it may lock it
    std::chrono::milliseconds patience = std::chrono::hours(24 * 365);  ///< with another holder
    std::function<void()> on_wait = {};                                 ///< called before a wait
    std::stop_token stop = {};                                          ///< ends the wait
  };

  /// Creates the file if it is missing and locks it. Errors: `conflict` after `patience`,
  /// `cancelled`, and those of file_error().
  static Result<FileLock> acquire(const std::filesystem::path& path, const Options& options);
  /// Locks the file if it exists and has no holder, without waiting.
  static std::optional<FileLock> try_existing(const std::filesystem::path& path, AtEnd at_end);
  /// Whether the file has a holder. Does not disturb one that acquires it at the same time, as long
  /// as that one has some milliseconds of patience.
  static bool is_held(const std::filesystem::path& path);

  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

  /// The locked file, open for reading and writing.
  const Descriptor& file() const { return file_; }
  /// Decides anew, for example after the file was renamed.
  void set_at_end(AtEnd at_end) { at_end_ = at_end; }

 private:
  FileLock(Descriptor file, std::filesystem::path path, AtEnd at_end)
      : file_(std::move(file)), path_(std::move(path)), at_end_(at_end) {}

  Descriptor file_;
  std::filesystem::path path_;
  AtEnd at_end_;
};

}  // namespace steno
