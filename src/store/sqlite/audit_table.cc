#include <limits>

#include "store/sqlite/access.h"

namespace steno::sqlite {

void add_audit(Connection& connection, const AuditEntry& entry) {
  Query(connection,
        "INSERT INTO audit (at, actor, action, subject, address, result, "
        "request_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        entry.at, entry.actor, entry.action, entry.subject, entry.address, entry.result,
        entry.request_id)
      .run();
}

void Audit::add(const AuditEntry& entry) {
  database_.write("audit.add", [&](Connection& connection) { add_audit(connection, entry); });
}

std::vector<AuditEntry> Audit::list(int64_t before, int limit) {
  const int64_t below = before > 0 ? before : std::numeric_limits<int64_t>::max();
  return database_.read("audit.list", [&](Connection& connection) {
    Query query(connection,
                "SELECT id, at, actor, action, subject, address, result, "
                "request_id FROM audit"
                " WHERE id < ? ORDER BY id DESC LIMIT ?",
                below, limit);
    std::vector<AuditEntry> entries;
    while (query.next()) {
      entries.push_back({.id = query.get<int64_t>(0),
                         .at = query.get<Time>(1),
                         .actor = query.get<std::string>(2),
                         .action = query.get<std::string>(3),
                         .subject = query.get<std::string>(4),
                         .address = query.get<std::string>(5),
                         .result = query.get<std::string>(6),
                         .request_id = query.get<std::string>(7)});
    }
    return entries;
  });
}

}  // namespace steno::sqlite
