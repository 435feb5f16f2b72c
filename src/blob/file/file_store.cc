#include "blob/file/file_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "base/file_lock.h"
#include "blob/file/disk.h"
#include "blob/key.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLockRaces = 10;

class FileWriter final : public BlobWriter {
 public:
  FileWriter(Descriptor file, fs::path temporary, fs::path path)
      : file_(std::move(file)), temporary_(std::move(temporary)), path_(std::move(path)) {}

  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  ~FileWriter() override {
    if (file_.get() >= 0) ::unlink(temporary_.c_str());
  }

  Result<void> write(std::span<const std::byte> bytes) override {
    if (!written_) return written_;
    if (const int error = write_all(file_.get(), bytes).error; error != 0) {
      written_ = tl::unexpected(write_error(path_, error));
    }
    return written_;
  }

  Result<void> commit() override {
    if (!written_) return written_;
    if (const int error = move_file(file_, temporary_, path_); error != 0) {
      return tl::unexpected(write_error(path_, error));
    }
    file_ = Descriptor();
    return {};
  }

 private:
  Descriptor file_;
  fs::path temporary_;
  fs::path path_;
  Result<void> written_;
};

class FileReader final : public BlobReader {
 public:
  FileReader(Descriptor file, fs::path path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const override {
    std::size_t done = 0;
    while (done < into.size() && offset + done < size_) {
      const auto count = ::pread(file_.get(), into.data() + done, into.size() - done,
                                 static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return tl::unexpected(file_error(path_, "cannot be read", errno));
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

 private:
  Descriptor file_;
  fs::path path_;
  std::uint64_t size_;
};

std::optional<BlobInfo> info_of(const fs::path& path, const fs::path& folder) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  BlobInfo info{path.lexically_relative(folder).string(),
                static_cast<std::uint64_t>(status.st_size),
                std::chrono::system_clock::from_time_t(status.st_mtime)};
  if (!is_valid_key(info.key)) return std::nullopt;  // a file system's own, such as .nfs0001
  return info;
}

class FileStore final : public BlobStore {
 public:
  explicit FileStore(const fs::path& root) : layout_{root} {}

  Result<std::unique_ptr<BlobWriter>> create(std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    for (int races = 0;;) {
      const fs::path path =
          layout_.unfinished() / (std::to_string(::getpid()) + "-" + std::to_string(counter_++));
      Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
      if (file.get() < 0 && errno == EEXIST) continue;  // an earlier process had this id
      if (file.get() < 0) return tl::unexpected(write_error(path, errno));
      if (try_lock(file, path)) {
        return std::make_unique<FileWriter>(std::move(file), path, layout_.blob(key));
      }
      // A sweep came between the two calls, or the file system has no locks.
      ::unlink(path.c_str());
      if (++races == kMostLockRaces) return fail(Errc::io, path.string() + ": cannot be locked");
    }
  }

  Result<std::unique_ptr<BlobReader>> open(std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    const fs::path path = layout_.blob(key);
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
      return tl::unexpected(file_error(path, "cannot be read", errno));
    }
    if (!S_ISREG(status.st_mode)) return fail(Errc::not_found, path.string() + ": is no file");
    return std::make_unique<FileReader>(std::move(file), path,
                                        static_cast<std::uint64_t>(status.st_size));
  }

  std::optional<fs::path> local_path(std::string_view key) override {
    if (!is_valid_key(key)) return std::nullopt;
    const fs::path path = layout_.blob(key);
    if (!info_of(path, layout_.blobs())) return std::nullopt;
    return path;
  }

  Result<bool> take_file(const fs::path& from, std::string_view key) override {
    if (auto good = check_key(key); !good) return tl::unexpected(good.error());
    const Descriptor file(::open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (file.get() < 0) return tl::unexpected(file_error(from, "cannot be read", errno));
    // The blob is new, however long ago its last byte came.
    if (::futimens(file.get(), nullptr) != 0) return tl::unexpected(write_error(from, errno));
    const int error = move_file(file, from, layout_.blob(key));
    if (error == EXDEV) return false;
    if (error != 0) return tl::unexpected(write_error(layout_.blob(key), error));
    return true;
  }

  Result<void> copy(std::string_view from, std::string_view to) override {
    return check_key(from).and_then([&] { return check_key(to); }).and_then([&] {
      return link_file(layout_.blob(from), layout_.blob(to));
    });
  }

  Result<void> remove(std::string_view key) override {
    if (auto good = check_key(key); !good) return good;
    const fs::path path = layout_.blob(key);
    auto removed = remove_file(path);
    // Otherwise the empty folders of removed jobs would pile up.
    for (fs::path folder = path.parent_path(); folder != layout_.blobs();
         folder = folder.parent_path()) {
      if (::rmdir(folder.c_str()) != 0) break;
    }
    return removed;
  }

  Result<void> list(std::string_view prefix,
                    const std::function<void(const BlobInfo&)>& visit) override {
    const auto slash = prefix.rfind('/');
    const auto folder = slash == std::string_view::npos ? "" : prefix.substr(0, slash);
    if (!folder.empty() && !is_valid_key(folder)) return {};
    return list_folder(layout_.blob(folder), prefix, visit);
  }

  Result<std::optional<std::uint64_t>> free_bytes() override { return free_bytes_at(layout_.root); }

  Result<std::size_t> sweep_unfinished(std::chrono::seconds older_than) override {
    return sweep_folder(layout_.unfinished(),
                        [older_than](const Descriptor& file, const fs::path&) {
                          return is_older(file, older_than);
                        });
  }

 private:
  Result<void> list_folder(const fs::path& folder, std::string_view prefix,
                           const std::function<void(const BlobInfo&)>& visit) {
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
      std::error_code gone;
      if (entry->symlink_status(gone).type() == fs::file_type::directory) {
        if (auto listed = list_folder(entry->path(), prefix, visit); !listed) return listed;
      } else if (const auto info = info_of(entry->path(), layout_.blobs())) {
        if (info->key.starts_with(prefix)) visit(*info);
      }
    }
    if (!error) return {};
    Error failure = file_error(folder, "cannot be listed", error.value());
    if (failure.code == Errc::not_found) return {};  // no blob has such a prefix, or not any more
    return tl::unexpected(std::move(failure));
  }

  Layout layout_;
  std::atomic<std::uint64_t> counter_ = 0;
};

}  // namespace

Result<std::unique_ptr<BlobStore>> open_file_store(const fs::path& root) {
  const Layout layout{root};
  for (const fs::path& folder : {layout.blobs(), layout.unfinished()}) {
    if (auto ready = prepare_folder(folder); !ready) return tl::unexpected(ready.error());
  }
  return std::make_unique<FileStore>(root);
}

}  // namespace steno::blob
