#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "domain/event.h"
#include "store/event_log.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

/// Adds events of the job behind those that it has, numbered without a gap.
void add_events(Connection& connection, std::string_view job_id, std::span<const Event> events);

/// Events in SQLite. A cursor is the number of a row. SQLite lets one transaction write at a time,
/// also of several processes, so rows are numbered in the order of their commits.
class EventTable : public EventLog {
 public:
  explicit EventTable(Database& database) : database_(database) {}
  std::vector<Event> events_of(std::string_view job_id, int64_t after_number, int limit) override;
  std::vector<Event> events_since(EventCursor after, int limit) override;
  EventCursor last_cursor() override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
