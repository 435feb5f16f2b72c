#include "pipeline/decode/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file.h"
#include "pipeline/decode/read_ahead.h"
#include "pipeline/decode/sniff.h"

namespace steno::decode {
namespace {

/// Enough for the boxes before an mp4's index.
constexpr std::size_t kHeadSize = 4096;
constexpr std::size_t kCopySize = 1 << 20;
/// How often a read that waits for a pipe checks for a stop request.
constexpr int kReadPollMs = 100;

int read_some(int descriptor, std::span<std::byte> buffer) {
  while (true) {
    const auto count = ::read(descriptor, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<int>(count);
    if (errno != EINTR) return -errno;
  }
}

class MemoryInput final : public Input {
 public:
  explicit MemoryInput(std::span<const std::byte> bytes) : bytes_(bytes) {}

  int read(std::span<std::byte> buffer) override {
    const auto count = std::min(buffer.size(), bytes_.size() - position_);
    if (count > 0) std::memcpy(buffer.data(), bytes_.data() + position_, count);
    position_ += count;
    return static_cast<int>(count);
  }
  bool seek(std::int64_t offset) override {
    if (offset < 0) return false;
    position_ = std::min<std::size_t>(static_cast<std::size_t>(offset), bytes_.size());
    return true;
  }
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

/// A regular file from the current offset of its descriptor on: `steno transcribe - < talk.wav`.
class FileInput final : public Input {
 public:
  FileInput(Descriptor descriptor, std::int64_t size)
      : descriptor_(std::move(descriptor)),
        start_(std::max<std::int64_t>(0, ::lseek(descriptor_.get(), 0, SEEK_CUR))),
        size_(std::max<std::int64_t>(0, size - start_)) {}

  int read(std::span<std::byte> buffer) override { return read_some(descriptor_.get(), buffer); }
  bool seek(std::int64_t offset) override {
    return offset >= 0 && ::lseek(descriptor_.get(), start_ + offset, SEEK_SET) >= 0;
  }
  std::int64_t size() const override { return size_; }

 private:
  Descriptor descriptor_;
  std::int64_t start_;
  std::int64_t size_;
};

/// A pipe, socket or terminal. Its first bytes can be examined before they are read.
class PipeInput final : public Input {
 public:
  PipeInput(Descriptor descriptor, std::stop_token stop)
      : descriptor_(std::move(descriptor)), stop_(std::move(stop)) {}

  /// The first bytes; fewer than kHeadSize only if the stream ends before. A failure is reported
  /// again by the read() that reaches it.
  std::span<const std::byte> head() {
    head_.resize(kHeadSize);
    std::size_t filled = 0;
    while (filled < head_.size()) {
      const int count = wait_and_read(std::span(head_).subspan(filled));
      if (count <= 0) {
        end_ = count;
        break;
      }
      filled += static_cast<std::size_t>(count);
    }
    head_.resize(filled);
    return head_;
  }

  int read(std::span<std::byte> buffer) override {
    if (position_ < head_.size()) {
      const auto count = std::min(buffer.size(), head_.size() - position_);
      std::memcpy(buffer.data(), head_.data() + position_, count);
      position_ += count;
      return static_cast<int>(count);
    }
    return end_ ? *end_ : wait_and_read(buffer);
  }
  bool seek(std::int64_t) override { return false; }
  std::int64_t size() const override { return -1; }

 private:
  int wait_and_read(std::span<std::byte> buffer) {
    pollfd waiting{descriptor_.get(), POLLIN, 0};
    while (!stop_.stop_requested()) {
      const int ready = ::poll(&waiting, 1, kReadPollMs);
      if (ready > 0) {
        const int count = read_some(descriptor_.get(), buffer);
        if (count != -EAGAIN) return count;
      }
      if (ready < 0 && errno != EINTR) return -errno;
    }
    return -ECANCELED;
  }

  Descriptor descriptor_;
  std::stop_token stop_;
  std::vector<std::byte> head_;
  std::size_t position_ = 0;
  std::optional<int> end_;  ///< result of read() behind the head: 0 or an error
};

Errc code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return Errc::not_found;
  return error == ECANCELED ? Errc::cancelled : Errc::io;
}

tl::unexpected<Error> system_failure(const Source& source, int error) {
  switch (error) {
    case ENOENT:
      return fail(Errc::not_found, source.name + ": no such file");
    case EACCES:
      return fail(Errc::io, source.name + ": no permission to read it");
    case EISDIR:
      return fail(Errc::io, source.name + ": is a folder, not an audio file");
    case ECANCELED:
      return fail(Errc::cancelled, source.name + ": cancelled");
    default:
      return fail(code_of(error), source.name + ": cannot be read: " + std::strerror(error));
  }
}

/// An empty file without a name in $TMPDIR, so that no crash leaves it behind.
Descriptor unnamed_file(std::string& folder) {
  std::error_code error;
  folder = std::filesystem::temp_directory_path(error).string();
  if (error) folder = "/tmp";
  std::string path = folder + "/steno-XXXXXX";
  Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (file.get() >= 0) ::unlink(path.c_str());
  return file;
}

/// Copies the whole stream to disk, so that it can be read in any order.
Result<std::unique_ptr<Input>> spool(const Source& source, PipeInput& pipe) {
  std::string folder;
  Descriptor file = unnamed_file(folder);
  int error = file.get() < 0 ? errno : 0;
  std::vector<std::byte> buffer(kCopySize);
  std::int64_t size = 0;
  while (error == 0) {
    const int count = pipe.read(buffer);
    if (count < 0) return system_failure(source, -count);
    if (count == 0) break;
    error = write_all(file.get(), std::span(buffer).first(static_cast<std::size_t>(count))).error;
    size += count;
  }
  if (error == 0 && ::lseek(file.get(), 0, SEEK_SET) < 0) error = errno;
  if (error != 0) {
    return fail(Errc::io, source.name + ": has its index at the end, and cannot be kept in " +
                              folder + " to be read from there: " + std::strerror(error));
  }
  return std::make_unique<FileInput>(std::move(file), size);
}

}  // namespace

std::string one_line(std::string name) {
  for (char& c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return name;
}

Result<std::unique_ptr<Input>> open_input(const Source& source, std::stop_token stop) {
  if (source.kind == Source::Kind::memory) return std::make_unique<MemoryInput>(source.bytes);
  if (source.kind == Source::Kind::ranges) return std::make_unique<ReadAheadInput>(source.reader);
  const bool is_file = source.kind == Source::Kind::file;
  // O_NONBLOCK: opening a named pipe without a writer must not block.
  Descriptor descriptor(is_file ? ::open(source.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                                : ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  if (descriptor.get() < 0) {
    return errno == EBADF ? fail(Errc::io, source.name + ": is closed")
                          : system_failure(source, errno);
  }
  if (!is_file && (::fcntl(descriptor.get(), F_GETFL) & O_ACCMODE) == O_WRONLY) {
    return fail(Errc::io, source.name + ": is closed");
  }
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) return system_failure(source, errno);
  if (S_ISDIR(status.st_mode)) return system_failure(source, EISDIR);
  if (S_ISREG(status.st_mode)) {
    return std::make_unique<FileInput>(std::move(descriptor), status.st_size);
  }
  auto pipe = std::make_unique<PipeInput>(std::move(descriptor), stop);
  if (needs_seeking(pipe->head())) return spool(source, *pipe);
  return pipe;
}

}  // namespace steno::decode
