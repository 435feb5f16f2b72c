#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"

namespace steno::models {

/// A file that appears under its name whole or not at all: it is written as `PATH.part`, which is
/// locked, and renamed by commit(). Without commit the part is removed. Not thread-safe.
class WholeFile {
 public:
  /// Waits while another process writes the same file.
  static Result<WholeFile> create(const std::string& path);
  WholeFile(WholeFile&& other) noexcept;
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  WholeFile& operator=(WholeFile&&) = delete;
  ~WholeFile();

  /// Appends; after a failure (disk full) later calls do nothing and commit() reports it.
  void write(std::span<const std::byte> bytes);

  /// Writes what is left, syncs and renames.
  Result<void> commit();

 private:
  WholeFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string part() const { return path_ + ".part"; }
  void flush();

  std::string path_;
  int descriptor_ = -1;
  std::string buffer_;
  int error_ = 0;
};

}  // namespace steno::models
