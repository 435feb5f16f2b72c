#include "store/sqlite/worker_table.h"

namespace steno::sqlite {

bool Workers::add(std::string_view name, std::string_view token, std::string_view description,
                  Milliseconds ttl) {
  return database_.write("workers.add", [&](Connection& connection) {
    const Time now = database_.now();
    return Query(connection,
                 "INSERT INTO workers (name, token, description, heartbeat_at, ttl_ms)"
                 " VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                 " token = excluded.token, description = excluded.description, report = '',"
                 " heartbeats = heartbeats + 1, heartbeat_at = excluded.heartbeat_at,"
                 " ttl_ms = excluded.ttl_ms, burial = NULL, burial_until = 0"
                 " WHERE heartbeat_at + ttl_ms <= excluded.heartbeat_at"
                 " AND burial_until <= excluded.heartbeat_at",
                 name, token, description, now, ttl.count())
               .run() > 0;
  });
}

bool Workers::heartbeat(std::string_view name, std::string_view token,
                        const std::optional<std::string>& report) {
  return database_.write("workers.heartbeat", [&](Connection& connection) {
    return Query(connection,
                 "UPDATE workers SET heartbeats = heartbeats + 1, heartbeat_at = ?,"
                 " report = coalesce(?, report)"
                 " WHERE name = ? AND token = ? AND burial IS NULL",
                 database_.now(), report, name, token)
               .run() > 0;
  });
}

void Workers::remove(std::string_view name, std::string_view token) {
  database_.write("workers.remove", [&](Connection& connection) {
    Query(connection, "DELETE FROM workers WHERE name = ? AND token = ? AND burial IS NULL", name,
          token)
        .run();
  });
}

std::vector<WorkerRow> Workers::list() {
  return database_.read("workers.list", [&](Connection& connection) {
    Query query(connection,
                "SELECT name, description, report, heartbeats,"
                " heartbeat_at + ttl_ms > ? AND burial IS NULL FROM workers ORDER BY name",
                database_.now());
    std::vector<WorkerRow> rows;
    while (query.next()) {
      rows.push_back({.name = query.get<std::string>(0),
                      .description = query.get<std::string>(1),
                      .report = query.get<std::string>(2),
                      .heartbeats = query.get<int64_t>(3),
                      .is_alive = query.get<bool>(4)});
    }
    return rows;
  });
}

bool Workers::begin_burial(std::string_view name, std::string_view token) {
  return database_.write("workers.begin_burial", [&](Connection& connection) {
    const Time now = database_.now();
    return Query(connection,
                 "UPDATE workers SET burial = ?, burial_until = ? + ttl_ms"
                 " WHERE name = ? AND heartbeat_at + ttl_ms <= ? AND burial_until <= ?",
                 token, now, name, now, now)
               .run() > 0;
  });
}

void Workers::end_burial(std::string_view name, std::string_view token, bool is_done) {
  database_.write("workers.end_burial", [&](Connection& connection) {
    const char* const sql =
        is_done
            ? "DELETE FROM workers WHERE name = ? AND burial = ?"
            : "UPDATE workers SET burial = NULL, burial_until = 0 WHERE name = ? AND burial = ?";
    Query(connection, sql, name, token).run();
  });
}

}  // namespace steno::sqlite
