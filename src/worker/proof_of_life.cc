#include "worker/proof_of_life.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/id.h"

namespace steno {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSuffix = ".lock";
/// For who looks whether it is free, or sees to a dead worker's jobs.
constexpr Milliseconds kPatience{1000};

std::system_error failure(const fs::path& file) {
  return {errno, std::generic_category(), file.string()};
}

fs::path file_of(const fs::path& folder, const std::string& name) {
  return folder / (name + kSuffix);
}

/// A file that is open as long as this lives.
class OpenFile {
 public:
  OpenFile(const fs::path& file, int flags) : descriptor_(open(file.c_str(), flags, 0600)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  bool lock(int kind) const { return flock(descriptor_, kind | LOCK_NB) == 0; }
  int release() { return std::exchange(descriptor_, -1); }
  bool is(const fs::path& file) const {
    struct stat own {};
    struct stat there {};
    return fstat(descriptor_, &own) == 0 && stat(file.c_str(), &there) == 0 &&
           own.st_dev == there.st_dev && own.st_ino == there.st_ino;
  }

 private:
  int descriptor_;
};

/// Whether nobody holds the lock; false as well when the file is gone.
bool is_free(const fs::path& file) {
  const OpenFile found(file, O_RDONLY | O_CLOEXEC);
  return found.is_open() && found.lock(LOCK_SH);
}

bool lock_in_time(const OpenFile& file) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!file.lock(LOCK_EX)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(Milliseconds(5));
  }
  return true;
}

}  // namespace

std::string new_worker_name() {
  return new_id("worker-",
                std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()));
}

Result<std::unique_ptr<ProofOfLife>> ProofOfLife::take(const fs::path& folder,
                                                       const std::string& name) {
  fs::create_directories(folder);
  const fs::path file = file_of(folder, name);
  while (true) {
    OpenFile proof(file, O_RDWR | O_CREAT | O_CLOEXEC);
    if (!proof.is_open()) throw failure(file);
    if (!lock_in_time(proof)) {
      return fail(Errc::conflict, "a worker of the name " + name +
                                      " runs already; give this one another name, or none");
    }
    // Else the file was taken away as a dead worker's before it was locked.
    if (proof.is(file)) {
      std::unique_ptr<ProofOfLife> taken(new ProofOfLife(file, name, proof.release()));
      taken->say("");  // not what a dead one said
      return taken;
    }
  }
}

ProofOfLife::ProofOfLife(fs::path file, std::string name, int descriptor)
    : file_(std::move(file)), name_(std::move(name)), descriptor_(descriptor) {}

ProofOfLife::~ProofOfLife() {
  unlink(file_.c_str());
  close(descriptor_);
}

void ProofOfLife::say(const std::string& text) {
  if (ftruncate(descriptor_, 0) != 0 ||
      pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    throw failure(file_);
  }
}

std::string said_by_worker(const fs::path& folder, const std::string& name) {
  std::ifstream file(file_of(folder, name));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> known_workers(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;  // who looks now and then sees the rest later
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const fs::path& file = entry->path();
    if (file.extension() == kSuffix) names.push_back(file.stem().string());
  }
  return names;
}

std::vector<std::string> dead_workers(const fs::path& folder) {
  auto names = known_workers(folder);
  std::erase_if(names, [&](const std::string& name) { return !is_free(file_of(folder, name)); });
  return names;
}

bool bury_worker(const fs::path& folder, const std::string& name,
                 const std::function<void()>& release) {
  const fs::path file = file_of(folder, name);
  const OpenFile dead(file, O_RDWR | O_CLOEXEC);
  if (!dead.is_open() || !dead.lock(LOCK_EX) || !dead.is(file)) return false;
  release();
  unlink(file.c_str());
  return true;
}

}  // namespace steno
