#include "store/sqlite/event_table.h"

namespace steno::sqlite {
namespace {

EventCursor cursor_of(int64_t row) { return {0, row}; }

int64_t next_number(Connection& connection, std::string_view job_id) {
  Query query(connection, "SELECT coalesce(max(number), 0) + 1 FROM events WHERE job_id = ?",
              job_id);
  query.next();
  return query.get<int64_t>(0);
}

std::vector<Event> read_events(Query& query) {
  std::vector<Event> events;
  while (query.next()) {
    events.push_back({.job_id = query.get<std::string>(0),
                      .number = query.get<int64_t>(1),
                      .cursor = cursor_of(query.get<int64_t>(2)),
                      .type = query.get<std::string>(3),
                      .data = query.get<std::string>(4),
                      .at = query.get<Time>(5)});
  }
  return events;
}

}  // namespace

void add_events(Connection& connection, std::string_view job_id, std::span<const Event> events) {
  if (events.empty()) return;
  int64_t number = next_number(connection, job_id);
  for (const Event& event : events) {
    Query(connection,
          "INSERT INTO events (job_id, number, type, data, at) VALUES (?, ?, "
          "?, ?, ?)",
          job_id, number++, event.type, event.data, event.at)
        .run();
  }
}

std::vector<Event> EventTable::events_of(std::string_view job_id, int64_t after_number, int limit) {
  return database_.read("jobs.events_of", [&](Connection& connection) {
    Query query(connection,
                "SELECT job_id, number, position, type, data, at FROM events"
                " WHERE job_id = ? AND number > ? ORDER BY number LIMIT ?",
                job_id, after_number, limit);
    return read_events(query);
  });
}

std::vector<Event> EventTable::events_since(EventCursor after, int limit) {
  return database_.read("jobs.events_since", [&](Connection& connection) {
    Query query(connection,
                "SELECT job_id, number, position, type, data, at FROM events"
                " WHERE position > ? ORDER BY position LIMIT ?",
                after.id(), limit);
    return read_events(query);
  });
}

EventCursor EventTable::last_cursor() {
  return database_.read("jobs.last_position", [](Connection& connection) {
    Query query(connection, "SELECT coalesce(max(position), 0) FROM events");
    query.next();
    return cursor_of(query.get<int64_t>(0));
  });
}

}  // namespace steno::sqlite
