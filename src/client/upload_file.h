#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "net/http_client.h"

namespace steno::client {

/// A recording while it is sent. Not thread-safe.
class UploadFile final : public net::BodySource {
 public:
  /// Opens a file, or standard input for "-". `io` with the path if it cannot be read.
  static Result<UploadFile> open(const std::string& path);

  /// The file's name without its folders.
  const std::string& name() const { return name_; }

  /// Nothing unless it is a regular file.
  std::optional<std::uint64_t> size() const override { return size_; }
  /// `io` if the file became shorter after open().
  Result<std::size_t> read(std::span<char> into, const std::stop_token& stop) override;
  bool rewind() override;

 private:
  UploadFile(Descriptor descriptor, std::string path, std::string name,
             std::optional<std::uint64_t> size)
      : descriptor_(std::move(descriptor)),
        path_(std::move(path)),
        name_(std::move(name)),
        size_(size) {}

  Descriptor descriptor_;
  std::string path_;
  std::string name_;
  std::optional<std::uint64_t> size_;
  std::uint64_t position_ = 0;
};

}  // namespace steno::client
