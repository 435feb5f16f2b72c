#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace steno::api {

/// Names of what this process is doing right now, each at most so many times. Thread-safe.
class InProgress {
 public:
  explicit InProgress(int most = 1) : most_(most) {}

  /// Takes the name back at its end.
  class Hold {
   public:
    Hold(InProgress& owner, std::string name) : owner_(&owner), name_(std::move(name)) {}
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&&) = delete;
    ~Hold();

   private:
    InProgress* owner_;
    std::string name_;
  };

  /// Nothing when as many others as may have the name.
  [[nodiscard]] std::optional<Hold> enter(std::string name);

 private:
  std::mutex mutex_;
  const int most_;
  std::unordered_map<std::string, int> names_;
};

}  // namespace steno::api
