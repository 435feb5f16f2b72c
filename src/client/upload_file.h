#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace steno::client {

/// A recording while it is sent.
class UploadFile {
 public:
  /// "-" is standard input. `io` with the path if it cannot be read.
  static Result<UploadFile> open(const std::string& path);
  UploadFile(UploadFile&& other) noexcept;
  UploadFile& operator=(UploadFile&&) = delete;
  ~UploadFile();

  /// What the service calls it: the file's name without its folders.
  const std::string& name() const { return name_; }
  /// Bytes; nothing for what is no plain file.
  std::optional<std::uint64_t> size() const { return size_; }
  /// Goes back to the beginning; false where that cannot be done any more.
  bool rewind();

  /// The next bytes, 0 at the end. Waits for them until `stop` is requested, which is `cancelled`.
  Result<std::size_t> read(std::span<char> into, const std::stop_token& stop);

 private:
  UploadFile(int descriptor, std::string path, std::string name, std::optional<std::uint64_t> size);

  int descriptor_;
  std::string path_;
  std::string name_;
  std::optional<std::uint64_t> size_;
  bool touched_ = false;
};

}  // namespace steno::client
