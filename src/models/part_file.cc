#include "models/part_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace steno::models {
namespace {

tl::unexpected<Error> cannot_write_part(const std::string& path, int error) {
  return fail(Errc::io, path + ": cannot be written: " + std::strerror(error));
}

}  // namespace

Result<PartFile> PartFile::open(const std::string& path) {
  const std::string part = path + ".part";
  Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (file.get() < 0) return cannot_write_part(part, errno);
  struct stat status {};
  ::fstat(file.get(), &status);
  return PartFile(path, std::move(file), static_cast<std::uint64_t>(status.st_size));
}

Result<void> PartFile::append(std::span<const std::byte> bytes) {
  const Written written = write_all(file_.get(), bytes);
  size_ += written.count;
  if (written.error != 0) return cannot_write_part(part_path(), written.error);
  return {};
}

Result<void> PartFile::restart() {
  if (::ftruncate(file_.get(), 0) != 0) return cannot_write_part(part_path(), errno);
  size_ = 0;
  return {};
}

Result<void> PartFile::finish() {
  if (::fdatasync(file_.get()) != 0 || ::rename(part_path().c_str(), path_.c_str()) != 0) {
    return cannot_write_part(path_, errno);
  }
  return {};
}

}  // namespace steno::models
