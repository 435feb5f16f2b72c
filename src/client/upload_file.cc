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
  const int descriptor = is_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(path, errno);
  UploadFile file(descriptor, path,
                  is_input ? "stdin" : std::filesystem::path(path).filename().string(), {});
  struct stat info = {};
  if (fstat(descriptor, &info) != 0) return unreadable(path, errno);
  if (S_ISDIR(info.st_mode)) return unreadable(path, EISDIR);
  const bool is_at_start = lseek(descriptor, 0, SEEK_CUR) == 0;
  if (S_ISREG(info.st_mode) && is_at_start) file.size_ = static_cast<std::uint64_t>(info.st_size);
  return file;
}

UploadFile::UploadFile(int descriptor, std::string path, std::string name,
                       std::optional<std::uint64_t> size)
    : descriptor_(descriptor), path_(std::move(path)), name_(std::move(name)), size_(size) {}

UploadFile::UploadFile(UploadFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      size_(other.size_),
      touched_(other.touched_) {}

UploadFile::~UploadFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool UploadFile::rewind() {
  if (!touched_) return true;
  if (!size_ || lseek(descriptor_, 0, SEEK_SET) != 0) return false;
  touched_ = false;
  return true;
}

Result<std::size_t> UploadFile::read(std::span<char> into, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd source = {descriptor_, POLLIN, 0};
    const int ready = poll(&source, 1, kPollMilliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const auto count = ::read(descriptor_, into.data(), into.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return unreadable(path_, errno);
    touched_ = true;
    return static_cast<std::size_t>(count);
  }
  return fail(Errc::cancelled, "interrupted");
}

}  // namespace steno::client
