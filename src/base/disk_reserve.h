#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace steno {

/// Disk space that a file keeps free for a time when the disk is full.
///
///     DiskReserve reserve(folder / "steno.db.reserve", 8 << 20);
///     reserve.keep();                               // now and then
///     if (is_full(error) && reserve.give_up()) try_again();
///
/// Several processes may use the same file. Thread-safe.
class DiskReserve {
 public:
  enum class State {
    none,      ///< its size is 0, or it has not been made yet, and there is room for it
    kept,      ///< the file takes its space
    given_up,  ///< the file is gone, and there is no room for it
  };

  /// Does not touch the disk.
  DiskReserve(std::filesystem::path file, std::uint64_t bytes)
      : file_(std::move(file)), bytes_(bytes) {}

  /// Makes the file if it is not there and twice its size is free. Errors: those of file_error().
  Result<void> keep() const;
  /// Removes the file. True if a write may succeed now: it was there, or there is some space.
  bool give_up() const;
  State state() const;

 private:
  bool has_room() const;

  const std::filesystem::path file_;
  const std::uint64_t bytes_;
};

}  // namespace steno
