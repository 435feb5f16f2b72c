#include "models/whole_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/file.h"

namespace steno::models {
namespace {

constexpr std::size_t kBufferSize = 1 << 20;

std::string part_of(const std::string& path) { return path + ".part"; }

tl::unexpected<Error> cannot_write(const std::string& path, int error) {
  return fail(Errc::io, path + ": cannot be written: " + std::strerror(error));
}

}  // namespace

Result<WholeFile> WholeFile::create(const std::string& path) {
  auto part = FileLock::acquire(part_of(path), {.at_end = FileLock::AtEnd::remove, .mode = 0666});
  if (!part) return tl::unexpected(part.error());
  if (::ftruncate(part->file().get(), 0) != 0) return cannot_write(part_of(path), errno);
  return WholeFile(path, *std::move(part));
}

void WholeFile::write(std::span<const std::byte> bytes) {
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (buffer_.size() >= kBufferSize) flush();
}

void WholeFile::flush() {
  if (error_ == 0) {
    error_ = write_all(part_.file().get(), std::as_bytes(std::span(buffer_))).error;
  }
  buffer_.clear();
}

Result<void> WholeFile::commit() {
  flush();
  if (error_ == 0 && ::fdatasync(part_.file().get()) != 0) error_ = errno;
  if (error_ == 0 && ::rename(part_of(path_).c_str(), path_.c_str()) != 0) error_ = errno;
  if (error_ != 0) return cannot_write(path_, error_);
  // The name of the part may already belong to the next writer.
  part_.set_at_end(FileLock::AtEnd::keep);
  return {};
}

}  // namespace steno::models
