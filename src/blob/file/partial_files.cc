#include "blob/file/partial_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "blob/key.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;

class PartialFileWriter final : public PartialWriter {
 public:
  PartialFileWriter(Descriptor file, fs::path path, std::uint64_t offset)
      : file_(std::move(file)), path_(std::move(path)), offset_(offset) {}

  std::uint64_t offset() const override { return offset_; }

  Result<void> write(std::span<const std::byte> bytes) override {
    const Written written = write_all(file_.get(), bytes);
    offset_ += written.count;
    if (written.error == 0) return {};
    return tl::unexpected(write_error(path_, written.error));
  }

  Result<void> sync() override {
    if (::fsync(file_.get()) != 0) return tl::unexpected(write_error(path_, errno));
    sync_folder(path_.parent_path());
    return {};
  }

 private:
  Descriptor file_;
  fs::path path_;
  std::uint64_t offset_;
};

Result<Descriptor> open_locked(const fs::path& path, int flags) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, kFileMode));
  if (file.get() < 0) return tl::unexpected(file_error(path, "cannot be opened", errno));
  if (!try_lock(file, path)) {
    return fail(Errc::conflict, path.filename().string() + ": is being written to");
  }
  return file;
}

/// Throws away what lies beyond `offset` and goes there.
Result<void> go_to(const Descriptor& file, const fs::path& path, std::uint64_t offset) {
  struct stat status {};
  int error = ::fstat(file.get(), &status) == 0 ? 0 : errno;
  if (error == 0 && offset > static_cast<std::uint64_t>(status.st_size)) {
    return fail(Errc::conflict, path.filename().string() + ": holds " +
                                    std::to_string(status.st_size) + " bytes, not " +
                                    std::to_string(offset));
  }
  const auto to = static_cast<off_t>(offset);
  if (error == 0 && ::ftruncate(file.get(), to) != 0) error = errno;
  if (error == 0 && ::lseek(file.get(), to, SEEK_SET) < 0) error = errno;
  if (error == 0) return {};
  return tl::unexpected(write_error(path, error));
}

}  // namespace

Result<std::unique_ptr<PartialWriter>> PartialFiles::open(std::string_view id,
                                                          std::uint64_t offset) {
  if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
  const fs::path path = layout_.upload(id);
  auto file = open_locked(path, offset == 0 ? O_CREAT : 0);
  if (!file) return tl::unexpected(file.error());
  if (auto there = go_to(*file, path, offset); !there) return tl::unexpected(there.error());
  return std::make_unique<PartialFileWriter>(std::move(*file), path, offset);
}

Result<std::uint64_t> PartialFiles::size(std::string_view id) {
  if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
  const fs::path path = layout_.upload(id);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    return tl::unexpected(file_error(path, "cannot be read", errno));
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> PartialFiles::finish(std::string_view id, std::string_view key) {
  if (auto good = check_upload_id(id).and_then([&] { return check_key(key); }); !good) return good;
  const fs::path path = layout_.upload(id);
  const auto file = open_locked(path, 0);
  if (file) return publish(*file, path, layout_.blob(key));
  // An earlier call may have been cut off after its rename.
  struct stat blob {};
  if (file.error().code == Errc::not_found && ::lstat(layout_.blob(key).c_str(), &blob) == 0) {
    return {};
  }
  return tl::unexpected(file.error());
}

Result<void> PartialFiles::drop(std::string_view id) {
  return check_upload_id(id).and_then([&] { return remove_file(layout_.upload(id)); });
}

Result<std::size_t> PartialFiles::sweep(std::chrono::seconds idle) {
  return sweep_folder(layout_.partial(), idle);
}

}  // namespace steno::blob
