#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/store_error.h"

namespace steno {

/// A worker's row.
struct WorkerRow {
  std::string name;
  std::string description;  ///< the worker's own text; the store does not read it
  std::string report;       ///< likewise
  int64_t heartbeats = 0;
  bool is_alive = false;  ///< the last heartbeat is younger than its ttl
};

/// Rows of workers with heartbeats, timed by the database's clock. workers/rows/ uses it; see
/// WorkerRegistry for the meaning. A `token` is one registration's or one burial's own.
/// Thread-safe; throws StoreError.
class WorkerTable {
 public:
  virtual ~WorkerTable() = default;
  /// Adds a row with its first heartbeat, or replaces a dead worker's. False if a worker of the
  /// name lives or is being buried.
  virtual bool add(std::string_view name, std::string_view token, std::string_view description,
                   Milliseconds ttl) = 0;
  /// Counts a heartbeat and replaces the report if there is one. False if the row is no longer this
  /// registration's: it was buried or replaced.
  virtual bool heartbeat(std::string_view name, std::string_view token,
                         const std::optional<std::string>& report) = 0;
  /// Removes the row if it is this registration's.
  virtual void remove(std::string_view name, std::string_view token) = 0;
  /// All rows, by name.
  virtual std::vector<WorkerRow> list() = 0;
  /// Reserves a dead worker's row for one burial, for the row's ttl. False if the worker lives, is
  /// unknown or another burial has the row.
  virtual bool begin_burial(std::string_view name, std::string_view token) = 0;
  /// Ends the burial: removes the row, or leaves it to the next burial where `is_done` is false.
  virtual void end_burial(std::string_view name, std::string_view token, bool is_done) = 0;
};

}  // namespace steno
