#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace steno {

/// An open file's number, closed with the object; -1 is none.
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
  /// 0 or the error number: network file systems tell of a full disk only when a file is closed.
  int close();

 private:
  int number_;
};

/// What became of a write: how many bytes were taken, and 0 or the error number that ended it.
struct Written {
  std::size_t count = 0;
  int error = 0;
};

/// Writes all of `bytes`, in as many calls as it takes.
Written write_all(int descriptor, std::span<const std::byte> bytes);

/// Makes new and changed names in the folder last through a power cut. Some file systems cannot:
/// no error.
void sync_folder(const std::filesystem::path& folder);

/// Makes the folder and those above it that are missing, lasting like sync_folder(): 0 or the error
/// number. New ones get `mode`, less the umask.
int make_folder(const std::filesystem::path& folder, unsigned mode);

/// `PATH: WHAT: the system's words for error`, of kind `no_space` for a full disk or quota,
/// `not_found` if there is no such file or folder, else `io`.
Error file_error(const std::filesystem::path& path, std::string_view what, int error);

}  // namespace steno
