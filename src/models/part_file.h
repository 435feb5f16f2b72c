#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace steno::models {

/// A download on its way, which outlives the program: `PATH.part` until it is complete.
class PartFile {
 public:
  /// Continues what is there, or starts.
  static Result<PartFile> open(const std::string& path);
  std::uint64_t size() const { return size_; }
  std::string part_path() const { return path_ + ".part"; }

  /// Fails with `io`, for example on a full disk; what was written before stays.
  Result<void> append(std::span<const std::byte> bytes);
  /// Empties it.
  Result<void> restart();
  /// Syncs and gives the file its name.
  Result<void> finish();

 private:
  PartFile(std::string path, Descriptor file, std::uint64_t size)
      : path_(std::move(path)), file_(std::move(file)), size_(size) {}

  std::string path_;
  Descriptor file_;
  std::uint64_t size_ = 0;
};

}  // namespace steno::models
