#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

namespace steno::api {

/// Names of what this process is doing right now, each once. Thread-safe.
class InProgress {
 public:
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

  /// Nothing when somebody else has the name.
  [[nodiscard]] std::optional<Hold> enter(std::string name);

 private:
  std::mutex mutex_;
  std::unordered_set<std::string> names_;
};

}  // namespace steno::api
