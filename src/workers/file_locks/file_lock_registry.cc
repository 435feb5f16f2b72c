#include "workers/file_locks/file_lock_registry.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/pause.h"

namespace steno {
namespace {

namespace fs = std::filesystem;

using Steady = std::chrono::steady_clock;

constexpr const char* kSuffix = ".lock";
/// Starts the second line, which has the time of the last heartbeat in a fixed number of digits.
constexpr std::string_view kHeartbeat = "heartbeat ";
constexpr std::size_t kDigits = 20;
/// Others hold the lock for a moment while they test it, or for as long as they bury a worker.
constexpr Milliseconds kPatience{1000};

std::system_error failure(const fs::path& file) {
  return {errno, std::generic_category(), file.string()};
}

/// The machine's steady clock in milliseconds; all its processes read the same one.
int64_t steady_milliseconds() {
  return std::chrono::duration_cast<Milliseconds>(Steady::now().time_since_epoch()).count();
}

std::string heartbeat_line() {
  const std::string digits = std::to_string(steady_milliseconds());
  return std::string(kHeartbeat) + std::string(kDigits - digits.size(), '0') + digits;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string_view after_first_line(std::string_view text) {
  return text.substr(std::min(text.size(), first_line(text).size() + 1));
}

/// None for another line: a worker of an earlier program writes no heartbeats.
std::optional<int64_t> parse_heartbeat(std::string_view line) {
  if (!line.starts_with(kHeartbeat) || line.size() != kHeartbeat.size() + kDigits) {
    return std::nullopt;
  }
  int64_t time = 0;
  const char* const end = line.data() + line.size();
  const auto read = std::from_chars(line.data() + kHeartbeat.size(), end, time);
  return read.ec == std::errc() && read.ptr == end ? std::optional(time) : std::nullopt;
}

/// A worker's entry: its file, locked, and the thread that sends its heartbeats.
class LockedFile final : public WorkerRegistration {
 public:
  LockedFile(fs::path path, FileLock lock, const std::string& line, Milliseconds heartbeat)
      : path_(std::move(path)), lock_(std::move(lock)), line_(line + "\n") {
    report("");  // a dead worker of this name may have left a text
    thread_ = std::jthread(
        [this, heartbeat](const std::stop_token& stop) { send_heartbeats(heartbeat, stop); });
  }

  void report(const std::string& text) override {
    const std::lock_guard lock(mutex_);
    const std::string content = line_ + heartbeat_line() + "\n" + text;
    // Truncated last: a reader never finds the file empty.
    if (!write(content, 0) ||
        ftruncate(lock_.file().get(), static_cast<off_t>(content.size())) != 0) {
      throw failure(path_);
    }
  }

 private:
  void send_heartbeats(Milliseconds every, const std::stop_token& stop) {
    while (true) {
      pause_for(every, stop);
      if (stop.stop_requested()) return;
      const std::lock_guard lock(mutex_);
      // If this fails, the worker counts as silent, and its next report throws.
      write(heartbeat_line(), static_cast<off_t>(line_.size()));
    }
  }

  bool write(std::string_view text, off_t offset) {
    return pwrite(lock_.file().get(), text.data(), text.size(), offset) ==
           static_cast<ssize_t>(text.size());
  }

  const fs::path path_;
  const FileLock lock_;
  const std::string line_;
  std::mutex mutex_;
  std::jthread thread_;
};

class FileLockRegistry final : public WorkerRegistry {
 public:
  FileLockRegistry(fs::path folder, FileLockRegistryOptions options)
      : folder_(std::move(folder)), options_(options) {}

  Result<std::unique_ptr<WorkerRegistration>> add(const WorkerDescription& description) override {
    fs::create_directories(folder_);
    const fs::path path = path_of(description.name);
    auto lock = FileLock::acquire(path, {.at_end = FileLock::AtEnd::remove, .patience = kPatience});
    if (lock) {
      return std::make_unique<LockedFile>(path, *std::move(lock), to_line(description),
                                          options_.heartbeat);
    }
    if (lock.error().code != Errc::conflict) throw std::runtime_error(lock.error().message);
    return fail(Errc::conflict, "a worker of the name " + description.name +
                                    " runs already; give this one another name, or none");
  }

  std::vector<RegisteredWorker> list() override {
    std::vector<RegisteredWorker> workers;
    std::error_code error;
    fs::directory_iterator entry(folder_, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.extension() != kSuffix) continue;
      const bool is_held = FileLock::is_held(path);
      std::error_code ignored;
      if (!is_held && !fs::exists(path, ignored)) continue;  // it ended just now
      workers.push_back(read_entry(path));
      if (!is_held) workers.back().state = WorkerState::dead;
    }
    const bool is_missing = error == std::errc::no_such_file_or_directory;
    if (error && !is_missing) throw std::system_error(error, folder_.string());
    std::ranges::sort(workers, {}, [](const auto& worker) { return worker.description.name; });
    return workers;
  }

  bool bury(const std::string& name, const std::function<void()>& release) override {
    const fs::path path = path_of(name);
    auto lock = FileLock::try_existing(path, FileLock::AtEnd::keep);
    if (!lock) return false;
    release();  // if it throws, the entry stays for the next attempt
    lock->set_at_end(FileLock::AtEnd::remove);
    return true;
  }

 private:
  fs::path path_of(const std::string& name) const { return folder_ / (name + kSuffix); }

  /// The entry of a worker whose process runs.
  RegisteredWorker read_entry(const fs::path& path) const {
    std::ifstream stream(path);
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    const std::string_view rest = after_first_line(content);
    const auto heartbeat = parse_heartbeat(first_line(rest));
    RegisteredWorker worker;
    worker.description = parse_description(path.stem().string(), first_line(content));
    worker.report = heartbeat ? after_first_line(rest) : rest;
    const bool is_silent =
        heartbeat && steady_milliseconds() - *heartbeat > options_.silent_after.count();
    worker.state = is_silent ? WorkerState::silent : WorkerState::alive;
    return worker;
  }

  const fs::path folder_;
  const FileLockRegistryOptions options_;
};

}  // namespace

std::unique_ptr<WorkerRegistry> make_file_lock_registry(const fs::path& folder,
                                                        FileLockRegistryOptions options) {
  return std::make_unique<FileLockRegistry>(folder, options);
}

}  // namespace steno
