#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/service.h"

namespace steno::api {

/// One thing that the service needs to do its work.
struct ReadyCheck {
  std::string name;    ///< "database", "storage", …
  std::string reason;  ///< why it is not well, for an operator; empty: it is
};

/// Looks whether the service can accept and do jobs. Looks at most once a second, however often it
/// is asked. Thread-safe; blocks.
class Readiness {
 public:
  explicit Readiness(Service& service) : service_(service) {}

  std::vector<ReadyCheck> checks();

 private:
  std::vector<ReadyCheck> look();
  std::string database();
  std::string storage();

  Service& service_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;
  std::vector<ReadyCheck> checks_;
};

}  // namespace steno::api
