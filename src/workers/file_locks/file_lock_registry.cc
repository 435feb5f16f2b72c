#include "workers/file_locks/file_lock_registry.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/file_lock.h"

namespace steno {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".lock";
/// Others hold the lock for a moment while they test it, or for as long as they bury a worker.
constexpr Milliseconds kPatience{1000};

std::system_error failure(const fs::path& file) {
  return {errno, std::generic_category(), file.string()};
}

/// A worker's entry: its file, locked.
class LockedFile final : public WorkerRegistration {
 public:
  LockedFile(fs::path path, FileLock lock, std::string line)
      : path_(std::move(path)), lock_(std::move(lock)), line_(std::move(line)) {
    report("");  // a dead worker of this name may have left a text
  }

  void report(const std::string& text) override {
    const std::string content = line_ + "\n" + text;
    const auto size = static_cast<ssize_t>(content.size());
    const int file = lock_.file().get();
    if (ftruncate(file, 0) != 0 || pwrite(file, content.data(), content.size(), 0) != size) {
      throw failure(path_);
    }
  }

 private:
  const fs::path path_;
  const FileLock lock_;
  const std::string line_;
};

RegisteredWorker read_entry(const fs::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  RegisteredWorker worker;
  worker.description = parse_description(path.stem().string(), line);
  worker.report.assign(std::istreambuf_iterator<char>(stream), {});
  return worker;
}

class FileLockRegistry final : public WorkerRegistry {
 public:
  explicit FileLockRegistry(fs::path folder) : folder_(std::move(folder)) {}

  Result<std::unique_ptr<WorkerRegistration>> add(const WorkerDescription& description) override {
    fs::create_directories(folder_);
    const fs::path path = path_of(description.name);
    auto lock = FileLock::acquire(path, {.at_end = FileLock::AtEnd::remove, .patience = kPatience});
    if (lock) return std::make_unique<LockedFile>(path, *std::move(lock), to_line(description));
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
      const bool is_alive = FileLock::is_held(path);
      std::error_code ignored;
      if (!is_alive && !fs::exists(path, ignored)) continue;  // it ended just now
      workers.push_back(read_entry(path));
      workers.back().is_alive = is_alive;
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

  const fs::path folder_;
};

}  // namespace

std::unique_ptr<WorkerRegistry> make_file_lock_registry(const fs::path& folder) {
  return std::make_unique<FileLockRegistry>(folder);
}

}  // namespace steno
