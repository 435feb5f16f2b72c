#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace steno::models {

/// An unfinished download. It survives the end of the program as `PATH.part`.
class PartFile {
 public:
  /// Continues an existing part, or starts a new one.
  static Result<PartFile> open(const std::string& path);
  std::uint64_t size() const { return size_; }
  std::string part_path() const { return path_ + ".part"; }

  /// Fails with `io`, for example on a full disk. Bytes that were written before are kept.
  Result<void> append(std::span<const std::byte> bytes);
  /// Removes the content.
  Result<void> restart();
  /// Syncs the file and gives it its final name.
  Result<void> finish();

 private:
  PartFile(std::string path, Descriptor file, std::uint64_t size)
      : path_(std::move(path)), file_(std::move(file)), size_(size) {}

  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace steno::models
