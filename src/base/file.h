#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace steno {

/// Owns a file descriptor and closes it. -1 means none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return number_; }
  /// Returns 0 or the error number. Network file systems report a full disk only when a file is
  /// closed.
  int close();

 private:
  int number_;
};

/// The result of a write: the number of bytes written, and 0 or the error number that ended it.
struct Written {
  std::size_t count = 0;
  int error = 0;
};

/// Writes all of `bytes`, with several calls if necessary.
Written write_all(int descriptor, std::span<const std::byte> bytes);

/// Makes new and changed names in the folder durable. File systems without support for this are not
/// an error.
void sync_folder(const std::filesystem::path& folder);

/// Creates the folder and its missing parents durably. Returns 0 or the error number. New folders
/// get `mode`, reduced by the umask.
int make_folder(const std::filesystem::path& folder, unsigned mode);

/// Formats `PATH: WHAT: the system's text for error`. The kind is `no_space` for a full disk or
/// quota, `not_found` if there is no such file or folder, otherwise `io`.
Error file_error(const std::filesystem::path& path, std::string_view what, int error);

}  // namespace steno
