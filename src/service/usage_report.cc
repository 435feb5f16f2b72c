#include "service/usage_report.h"

#include <optional>

#include "store/usage_store.h"

namespace steno::service {

Outcome<std::vector<Usage>> UsageReport::list(const Caller& caller, const UsageQuery& query) {
  std::optional<std::string> owner;
  if (query.owners == UsageQuery::Owners::own) {
    owner = caller.owner;
  } else if (!caller.may(Scope::admin)) {
    return refuse({ErrorKind::forbidden, "insufficient_scope",
                   "Only a key with the scope admin sees the usage of all"});
  }
  return usage_.list(owner, query.first_day, query.last_day);
}

}  // namespace steno::service
