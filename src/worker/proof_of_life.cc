#include "worker/proof_of_life.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "base/id.h"

namespace steno {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSuffix = ".lock";

std::system_error failure(const fs::path& file) {
  return {errno, std::generic_category(), file.string()};
}

fs::path file_of(const fs::path& folder, const std::string& name) {
  return folder / (name + kSuffix);
}

/// Whether nobody holds the lock; false as well when the file is gone.
bool is_free(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool got = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  close(descriptor);
  return got;
}

}  // namespace

std::string new_worker_name() {
  return new_id("worker-",
                std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()));
}

ProofOfLife::ProofOfLife(fs::path folder, std::string name)
    : file_(file_of(folder, name)), name_(std::move(name)) {
  fs::create_directories(folder);
  // Locked under another name first: one that looks must not find it free.
  const fs::path unseen = folder / ("." + name_);
  descriptor_ = open(unseen.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) throw failure(unseen);
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 || rename(unseen.c_str(), file_.c_str()) != 0) {
    const auto error = failure(file_);
    unlink(unseen.c_str());
    close(descriptor_);
    throw error;
  }
}

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

void forget_worker(const fs::path& folder, const std::string& name) {
  unlink(file_of(folder, name).c_str());
}

}  // namespace steno
