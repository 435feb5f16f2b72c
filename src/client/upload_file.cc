#include "client/upload_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace steno::client {
namespace {

constexpr int kPollMilliseconds = 100;

std::string shown(const std::string& path) { return path == "-" ? "standard input" : path; }

tl::unexpected<Error> unreadable(const std::string& path, int error) {
  return fail(error == ENOENT ? Errc::not_found : Errc::io,
              shown(path) + ": " + std::generic_category().message(error));
}

}  // namespace

Result<UploadFile> UploadFile::open(const std::string& path) {
  const bool is_input = path == "-";
  Descriptor descriptor(is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) return unreadable(path, errno);
  struct stat info = {};
  if (fstat(descriptor.get(), &info) != 0) return unreadable(path, errno);
  if (S_ISDIR(info.st_mode)) return unreadable(path, EISDIR);
  const bool is_at_start = lseek(descriptor.get(), 0, SEEK_CUR) == 0;
  std::optional<std::uint64_t> size;
  if (S_ISREG(info.st_mode) && is_at_start) size = static_cast<std::uint64_t>(info.st_size);
  return UploadFile(std::move(descriptor), path,
                    is_input ? "stdin" : std::filesystem::path(path).filename().string(), size);
}

bool UploadFile::rewind() {
  if (position_ == 0) return true;
  if (!size_ || lseek(descriptor_.get(), 0, SEEK_SET) != 0) return false;
  position_ = 0;
  return true;
}

Result<std::size_t> UploadFile::read(std::span<char> into, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd source = {descriptor_.get(), POLLIN, 0};
    const int ready = poll(&source, 1, kPollMilliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const auto count = ::read(descriptor_.get(), into.data(), into.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return unreadable(path_, errno);
    if (count == 0 && size_ && position_ < *size_) {
      return fail(Errc::io, name_ + ": cut short while it was sent");
    }
    position_ += static_cast<std::uint64_t>(count);
    return static_cast<std::size_t>(count);
  }
  return fail(Errc::cancelled, "interrupted");
}

}  // namespace steno::client
