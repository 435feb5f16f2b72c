#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace steno {
namespace {

Errc kind_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Errc::no_space;
    case ENOENT:
    case ENOTDIR:
      return Errc::not_found;
    default:
      return Errc::io;
  }
}

}  // namespace

int Descriptor::close() {
  const int number = std::exchange(number_, -1);
  return number >= 0 && ::close(number) != 0 ? errno : 0;
}

Written write_all(int descriptor, std::span<const std::byte> bytes) {
  Written written;
  while (written.count < bytes.size()) {
    const auto count =
        ::write(descriptor, bytes.data() + written.count, bytes.size() - written.count);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      written.error = errno;
      break;
    }
    written.count += static_cast<std::size_t>(count);
  }
  return written;
}

void sync_folder(const std::filesystem::path& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

int make_folder(const std::filesystem::path& folder, unsigned mode) {
  if (::mkdir(folder.c_str(), mode) != 0) {
    if (errno == EEXIST) return 0;
    if (errno != ENOENT || !folder.has_relative_path()) return errno;
    if (const int error = make_folder(folder.parent_path(), mode); error != 0) return error;
    if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) return errno;
  }
  sync_folder(folder.has_parent_path() ? folder.parent_path() : ".");
  return 0;
}

Error file_error(const std::filesystem::path& path, std::string_view what, int error) {
  return {kind_of(error),
          path.string() + ": " + std::string(what) + ": " + std::generic_category().message(error)};
}

}  // namespace steno
