#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/file_lock.h"
#include "base/result.h"

namespace steno::models {

/// A file that appears under its name complete or not at all. It is written as `PATH.part`, which
/// is locked, and renamed by commit(). Without commit() the part is removed. Not thread-safe.
class WholeFile {
 public:
  /// Waits while another process writes the same file.
  static Result<WholeFile> create(const std::string& path);

  /// Appends. After a failure (disk full) later calls do nothing and commit() reports it.
  void write(std::span<const std::byte> bytes);

  /// Writes the rest, syncs and renames.
  Result<void> commit();

 private:
  WholeFile(std::string path, FileLock part) : path_(std::move(path)), part_(std::move(part)) {}
  void flush();

  std::string path_;
  FileLock part_;
  std::string buffer_;
  int error_ = 0;
};

}  // namespace steno::models
