#include "store/sqlite/leader_table.h"

namespace steno::sqlite {

std::optional<int64_t> Leaders::take(std::string_view lock, std::string_view holder,
                                     Milliseconds ttl) {
  return database_.write("leaders.take", [&](Connection& connection) -> std::optional<int64_t> {
    Query query(connection,
                "INSERT INTO leaders (name, holder, term, taken_at, ttl_ms)"
                " VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (name) DO UPDATE SET"
                " term = term + (holder <> excluded.holder OR taken_at + ttl_ms <= ?3),"
                " holder = excluded.holder, taken_at = excluded.taken_at, ttl_ms = excluded.ttl_ms"
                " WHERE holder = excluded.holder OR taken_at + ttl_ms <= ?3 OR taken_at > ?3"
                " RETURNING term",
                lock, holder, database_.now(), ttl.count());
    if (!query.next()) return std::nullopt;
    const auto term = query.get<int64_t>(0);
    query.next();  // a statement that has not ended would not be written
    return term;
  });
}

void Leaders::release(std::string_view lock, std::string_view holder) {
  database_.write("leaders.release", [&](Connection& connection) {
    // The row stays: its term must not begin again.
    Query(connection, "UPDATE leaders SET ttl_ms = 0 WHERE name = ? AND holder = ?", lock, holder)
        .run();
  });
}

}  // namespace steno::sqlite
