#include "workers/file_locks/file_lock_registry.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/file.h"

namespace steno {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".lock";
/// Others hold the lock for a moment while they test it, or for as long as they bury a worker.
constexpr Milliseconds kPatience{1000};

std::system_error failure(const fs::path& file) {
  return {errno, std::generic_category(), file.string()};
}

bool lock(const Descriptor& file, int kind) { return flock(file.get(), kind | LOCK_NB) == 0; }

/// Whether `path` still names the open file.
bool is_named(const Descriptor& file, const fs::path& path) {
  struct stat own {};
  struct stat there {};
  return fstat(file.get(), &own) == 0 && stat(path.c_str(), &there) == 0 &&
         own.st_dev == there.st_dev && own.st_ino == there.st_ino;
}

bool lock_in_time(const Descriptor& file) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!lock(file, LOCK_EX)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(Milliseconds(5));
  }
  return true;
}

/// A worker's entry: its file, locked.
class LockedFile final : public WorkerRegistration {
 public:
  LockedFile(fs::path path, Descriptor file, std::string line)
      : path_(std::move(path)), file_(std::move(file)), line_(std::move(line)) {
    report("");  // a dead worker of this name may have left a text
  }
  ~LockedFile() override { unlink(path_.c_str()); }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

  void report(const std::string& text) override {
    const std::string content = line_ + "\n" + text;
    const auto size = static_cast<ssize_t>(content.size());
    if (ftruncate(file_.get(), 0) != 0 ||
        pwrite(file_.get(), content.data(), content.size(), 0) != size) {
      throw failure(path_);
    }
  }

 private:
  const fs::path path_;
  const Descriptor file_;
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
    while (true) {
      Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
      if (file.get() < 0) throw failure(path);
      if (!lock_in_time(file)) {
        return fail(Errc::conflict, "a worker of the name " + description.name +
                                        " runs already; give this one another name, or none");
      }
      // Otherwise the file was removed as a dead worker's before it was locked.
      if (is_named(file, path)) {
        return std::make_unique<LockedFile>(path, std::move(file), to_line(description));
      }
    }
  }

  std::vector<RegisteredWorker> list() override {
    std::vector<RegisteredWorker> workers;
    std::error_code error;
    fs::directory_iterator entry(folder_, error);
    for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.extension() != kSuffix) continue;
      const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (file.get() < 0) continue;  // it ended just now
      const bool is_alive = !lock(file, LOCK_SH);
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
    const Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (file.get() < 0 || !lock(file, LOCK_EX) || !is_named(file, path)) return false;
    release();
    unlink(path.c_str());
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
