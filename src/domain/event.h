#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno {

/// The place of an event among the events of all jobs. Cursors are compared, never computed: only
/// the store makes them and knows their meaning. The default is the place before the first event.
class EventCursor {
 public:
  constexpr EventCursor() = default;
  /// For stores. `transaction` orders first and `id` second. A store whose commits cannot overtake
  /// each other needs only `id`.
  constexpr EventCursor(int64_t transaction, int64_t id) : transaction_(transaction), id_(id) {}
  constexpr int64_t transaction() const { return transaction_; }
  constexpr int64_t id() const { return id_; }
  auto operator<=>(const EventCursor&) const = default;

 private:
  int64_t transaction_ = 0;
  int64_t id_ = 0;
};

/// Something that happened to a job, for its watchers.
struct Event {
  std::string job_id;
  int64_t number = 0;  ///< counts the events of one job from 1 without a gap
  EventCursor cursor;  ///< grows over the events of all jobs
  std::string type;    ///< "status", "progress", "segment", "end"
  std::string data;    ///< a JSON object on one line
  Time at;
};

}  // namespace steno
