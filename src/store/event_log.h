#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/event.h"
#include "store/store_error.h"

// Follow the events of all jobs:
//
//   EventCursor cursor = log.last_cursor();
//   while (running) {
//     for (const Event& event : log.events_since(cursor, 500)) {
//       use(event);
//       cursor = event.cursor;
//     }
//     wait_for_notification();
//   }

namespace steno {

/// The events of all jobs in one order. JobStore adds them together with the change of a job.
/// Thread-safe; calls block; throws StoreError. Passes tests/unit/store/event_log_contract.cc.
class EventLog {
 public:
  virtual ~EventLog() = default;
  /// The events of one job whose number is above `after_number`, by number.
  virtual std::vector<Event> events_of(std::string_view job_id, int64_t after_number,
                                       int limit) = 0;
  /// The events of all jobs behind `after`, by cursor. A reader that always continues from the last
  /// cursor that it received misses no event and receives none twice. This also holds for events
  /// that are committed later by a transaction that began earlier. A backend may hold back events
  /// until no such transaction is open.
  virtual std::vector<Event> events_since(EventCursor after, int limit) = 0;
  /// The cursor of the last event that events_since() can return now. The default cursor if there
  /// is none.
  virtual EventCursor last_cursor() = 0;
};

}  // namespace steno
