#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno {

/// A name that no other worker has or had: "worker-" and random characters.
std::string new_worker_name();

/// A worker's proof that it lives: a lock on the file `<folder>/<name>.lock` that the kernel takes
/// away when the process ends, in whatever way.
class ProofOfLife {
 public:
  /// Makes the folder when missing. Takes the place of a dead worker of that name, whose jobs are
  /// then the caller's to see to. Errors: conflict when one lives, after a second. Throws
  /// std::system_error.
  static Result<std::unique_ptr<ProofOfLife>> take(const std::filesystem::path& folder,
                                                   const std::string& name);
  /// Takes the file away.
  ~ProofOfLife();
  ProofOfLife(const ProofOfLife&) = delete;
  ProofOfLife& operator=(const ProofOfLife&) = delete;

  const std::string& name() const { return name_; }

  /// What the worker says of itself, in place of what it said before; see said_by_worker(). Throws
  /// std::system_error.
  void say(const std::string& text);

 private:
  ProofOfLife(std::filesystem::path file, std::string name, int descriptor);

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
/// Calls `release` for the jobs of a dead worker and then forgets it; meanwhile no other can take
/// its name. False, and nothing is done, when it lives or is forgotten.
bool bury_worker(const std::filesystem::path& folder, const std::string& name,
                 const std::function<void()>& release);

}  // namespace steno
