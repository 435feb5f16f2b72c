#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace steno {

/// What the stages of one job have made, kept until the job is removed: for an attempt after one
/// that died, and for a job that starts from it. Not thread-safe.
class Stages {
 public:
  virtual ~Stages() = default;
  /// What keep() was given under this name, by any attempt; nothing when it is not there or cannot
  /// be read: then it is made again.
  virtual std::optional<std::string> find(std::string_view name) = 0;
  /// Keeps it. When that fails the job goes on; what is lost is time, after a failure.
  virtual void keep(std::string_view name, std::string_view content) = 0;
};

}  // namespace steno
