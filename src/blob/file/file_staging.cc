#include "blob/file/file_staging.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "blob/blob.h"
#include "blob/file/disk.h"
#include "blob/key.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

class FileStagedWriter final : public StagedWriter {
 public:
  FileStagedWriter(Descriptor file, fs::path path, std::uint64_t offset)
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

/// Discards the bytes beyond `offset` and moves there.
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

/// Streams the file into a new blob.
Result<void> copy_to(const Descriptor& file, const fs::path& path, BlobStore& blobs,
                     std::string_view key) {
  auto writer = blobs.create(key);
  if (!writer) return tl::unexpected(writer.error());
  std::vector<std::byte> piece(kCopyBytes);
  off_t offset = 0;
  while (true) {
    const ssize_t count = ::pread(file.get(), piece.data(), piece.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(file_error(path, "cannot be read", errno));
    if (count == 0) return (*writer)->commit();
    const auto bytes = std::span(piece).first(static_cast<std::size_t>(count));
    if (auto written = (*writer)->write(bytes); !written) return written;
    offset += count;
  }
}

class FileStaging final : public UploadStaging {
 public:
  explicit FileStaging(fs::path folder) : folder_(std::move(folder)) {}

  Result<std::unique_ptr<StagedWriter>> open(std::string_view id, std::uint64_t offset) override {
    if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
    const fs::path path = folder_ / id;
    auto file = open_locked(path, offset == 0 ? O_CREAT : 0);
    if (!file) return tl::unexpected(file.error());
    if (auto there = go_to(*file, path, offset); !there) return tl::unexpected(there.error());
    return std::make_unique<FileStagedWriter>(std::move(*file), path, offset);
  }

  Result<std::uint64_t> size(std::string_view id) override {
    if (auto good = check_upload_id(id); !good) return tl::unexpected(good.error());
    const fs::path path = folder_ / id;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
      return tl::unexpected(file_error(path, "cannot be read", errno));
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> finish(std::string_view id, BlobStore& blobs, std::string_view key) override {
    auto good = check_upload_id(id).and_then([&] { return check_key(key); });
    if (!good) return good;
    const fs::path path = folder_ / id;
    const auto file = open_locked(path, 0);
    if (!file) {
      // An earlier call may have ended after the blob was there.
      const bool is_gone = file.error().code == Errc::not_found;
      if (is_gone && blobs.open(key)) return {};
      return tl::unexpected(file.error());
    }
    const auto taken = blobs.take_file(path, key);
    if (!taken) return tl::unexpected(taken.error());
    if (*taken) return {};
    if (auto copied = copy_to(*file, path, blobs, key); !copied) return copied;
    return remove_file(path);
  }

  Result<void> drop(std::string_view id) override {
    return check_upload_id(id).and_then([&] { return remove_file(folder_ / id); });
  }

  Result<std::size_t> sweep(const std::function<bool(std::string_view id)>& is_wanted) override {
    return sweep_folder(folder_, [&](const Descriptor&, const fs::path& path) {
      return !is_wanted(path.filename().string());
    });
  }

  Result<std::optional<std::uint64_t>> free_bytes() override { return free_bytes_at(folder_); }

 private:
  const fs::path folder_;
};

}  // namespace

Result<std::unique_ptr<UploadStaging>> open_file_staging(const fs::path& folder) {
  if (auto ready = prepare_folder(folder); !ready) return tl::unexpected(ready.error());
  return std::make_unique<FileStaging>(folder);
}

}  // namespace steno::blob
