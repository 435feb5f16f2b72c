#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace steno {

/// A name that no other worker has or had: "worker-" and random characters.
std::string new_worker_name();

/// A worker's proof that it lives: a lock on the file `<folder>/<name>.lock` that the kernel takes
/// away when the process ends, in whatever way. No file is ever seen there without its lock while
/// the worker lives.
class ProofOfLife {
 public:
  /// Makes the folder when missing. Throws std::system_error.
  ProofOfLife(std::filesystem::path folder, std::string name);
  /// Takes the file away.
  ~ProofOfLife();
  ProofOfLife(const ProofOfLife&) = delete;
  ProofOfLife& operator=(const ProofOfLife&) = delete;

  const std::string& name() const { return name_; }

  /// What the worker says of itself, in place of what it said before; see said_by_worker(). Throws
  /// std::system_error.
  void say(const std::string& text);

 private:
  std::filesystem::path file_;
  std::string name_;
  int descriptor_ = -1;
};

/// The workers that live, or are dead and not yet forgotten. Empty when there is no such folder.
std::vector<std::string> known_workers(const std::filesystem::path& folder);
/// The workers whose lock is free: their process is gone, but they are not forgotten yet. Empty
/// when there is no such folder.
std::vector<std::string> dead_workers(const std::filesystem::path& folder);
/// What the worker has said last; empty when it has said nothing, or while it speaks maybe half of
/// it.
std::string said_by_worker(const std::filesystem::path& folder, const std::string& name);
/// Takes the file of a dead worker away.
void forget_worker(const std::filesystem::path& folder, const std::string& name);

}  // namespace steno
