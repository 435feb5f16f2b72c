#include "models/whole_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "models/file_lock.h"

namespace steno::models {
namespace {

constexpr std::size_t kBufferSize = 1 << 20;

tl::unexpected<Error> cannot_write(const std::string& path, int error) {
  return fail(Errc::io, path + ": cannot be written: " + std::strerror(error));
}

}  // namespace

Result<WholeFile> WholeFile::create(const std::string& path) {
  const std::string part = path + ".part";
  for (;;) {
    const int descriptor = ::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) return cannot_write(part, errno);
    while (::flock(descriptor, LOCK_EX) != 0 && errno == EINTR) {
    }
    if (!is_at(descriptor, part)) {
      ::close(descriptor);
      continue;
    }
    if (::ftruncate(descriptor, 0) != 0) {
      const int error = errno;
      ::close(descriptor);
      return cannot_write(part, error);
    }
    return WholeFile(path, descriptor);
  }
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)),
      error_(other.error_) {}

WholeFile::~WholeFile() {
  if (descriptor_ < 0) return;
  ::unlink(part().c_str());
  ::close(descriptor_);
}

void WholeFile::write(std::span<const std::byte> bytes) {
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() >= kBufferSize) flush();
}

void WholeFile::flush() {
  if (error_ == 0) error_ = write_all(descriptor_, std::as_bytes(std::span(buffer_))).error;
  buffer_.clear();
}

Result<void> WholeFile::commit() {
  flush();
  if (error_ == 0 && ::fdatasync(descriptor_) != 0) error_ = errno;
  if (error_ == 0 && ::rename(part().c_str(), path_.c_str()) != 0) error_ = errno;
  if (error_ != 0) return cannot_write(path_, error_);
  ::close(std::exchange(descriptor_, -1));
  return {};
}

}  // namespace steno::models
