#pragma once

#include <string>
#include <vector>

#include "domain/usage.h"
#include "service/caller.h"
#include "service/error.h"

namespace steno {
class UsageStore;
}

namespace steno::service {

/// Which usage is asked for.
struct UsageQuery {
  enum class Owners { own, all };
  std::string first_day;  ///< "2026-11-01"
  std::string last_day;   ///< is included
  Owners owners = Owners::own;
};

/// The usage by day (UTC) and key. Thread-safe; calls block and throw StoreError.
class UsageReport {
 public:
  explicit UsageReport(UsageStore& usage) : usage_(usage) {}

  /// Rows by day and key. Errors: `forbidden` for the usage of all owners without the scope admin.
  Outcome<std::vector<Usage>> list(const Caller& caller, const UsageQuery& query);

 private:
  UsageStore& usage_;
};

}  // namespace steno::service
