#include "notify/inotify/inotify_notifier.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string>
#include <system_error>

#include "base/file.h"

namespace steno {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail_with(const std::filesystem::path& file, const char* what) {
  const int error = errno;
  throw std::system_error(error, std::generic_category(), file.string() + ": " + what);
}

/// Reads until nothing is left. Returns whether there was anything. The descriptor does not block.
bool drain(const Descriptor& descriptor) {
  alignas(inotify_event) std::array<char, 4096> buffer;
  bool any = false;
  while (::read(descriptor.get(), buffer.data(), buffer.size()) > 0) any = true;
  return any;
}

void create(const std::filesystem::path& file) {
  const Descriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (made.get() < 0) fail_with(file, "cannot be made");
}

class FileListener : public Notifier::Listener {
 public:
  explicit FileListener(std::filesystem::path file)
      : file_(std::move(file)),
        watch_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
        stop_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (watch_.get() < 0) fail_with(file_, "no more files can be watched (inotify)");
    if (stop_.get() < 0) fail_with(file_, "no event descriptor");
    watch();
  }

  bool wait(Milliseconds longest, std::stop_token stop) override {
    const auto end = steady_clock::now() + std::clamp(longest, Milliseconds(0), kLongestWait);
    // Runs at once if the stop was requested before.
    const std::stop_callback on_stop(std::move(stop), [this] { ::eventfd_write(stop_.get(), 1); });
    const bool stopped = poll_until(end);
    const bool notified = drain(watch_);
    if (notified) watch();
    if (stopped) drain(stop_);
    return notified;
  }

 private:
  /// Watches the file that has the path now: the previous one may have been removed.
  void watch() {
    constexpr uint32_t kEvents = IN_ATTRIB | IN_DELETE_SELF;
    if (::inotify_add_watch(watch_.get(), file_.c_str(), kEvents) >= 0) return;
    if (errno == ENOENT) {
      create(file_);
      if (::inotify_add_watch(watch_.get(), file_.c_str(), kEvents) >= 0) return;
    }
    fail_with(file_, "cannot be watched");
  }

  /// Waits until something can be read. Returns whether that is a stop.
  bool poll_until(steady_clock::time_point end) {
    std::array<pollfd, 2> polled{{{watch_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    for (;;) {
      const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now()).count();
      const int timeout = static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
      const int ready = ::poll(polled.data(), polled.size(), timeout);
      if (ready < 0 && errno != EINTR) fail_with(file_, "cannot be waited for");
      if (ready > 0) return polled[1].revents != 0;
      if (ready == 0 && left <= timeout) return false;
    }
  }

  const std::filesystem::path file_;
  const Descriptor watch_;
  const Descriptor stop_;
};

class InotifyNotifier : public Notifier {
 public:
  explicit InotifyNotifier(std::filesystem::path file) : file_(std::move(file)) { create(file_); }

  // A change of the file's times is an inotify event and needs no space on the disk. The notified
  // change has already happened, so a failure here is not reported.
  void notify() noexcept override {
    if (::utimensat(AT_FDCWD, file_.c_str(), nullptr, 0) == 0 || errno != ENOENT) return;
    const Descriptor made(::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  std::unique_ptr<Listener> listen() override { return std::make_unique<FileListener>(file_); }

 private:
  const std::filesystem::path file_;
};

}  // namespace

std::unique_ptr<Notifier> open_inotify_notifier(const std::filesystem::path& file) {
  return std::make_unique<InotifyNotifier>(file);
}

}  // namespace steno
