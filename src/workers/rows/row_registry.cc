#include "workers/rows/row_registry.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/id.h"
#include "base/pause.h"
#include "store/store_error.h"
#include "store/worker_table.h"

namespace steno {
namespace {

using Steady = std::chrono::steady_clock;

std::string new_token() { return new_id("", SystemClock().now()); }

/// A worker's row and the thread that sends its heartbeats.
class Row final : public WorkerRegistration {
 public:
  Row(WorkerTable& table, WorkerDescription description, std::string token, Milliseconds ttl)
      : table_(table),
        description_(std::move(description)),
        token_(std::move(token)),
        ttl_(ttl),
        thread_([this](const std::stop_token& stop) { beat_until(stop); }) {}

  ~Row() override {
    thread_.request_stop();
    thread_.join();
    try {
      table_.remove(description_.name, token_);
    } catch (const StoreError&) {  // NOLINT(bugprone-empty-catch): the row expires by itself
    }
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  void report(const std::string& text) override {
    const std::lock_guard lock(mutex_);
    report_ = text;
    send(report_);
  }

 private:
  void beat_until(const std::stop_token& stop) {
    while (true) {
      pause_for(std::max(ttl_ / 3, Milliseconds(1)), stop);
      if (stop.stop_requested()) return;
      try {
        const std::lock_guard lock(mutex_);
        send(std::nullopt);
      } catch (const StoreError&) {  // NOLINT(bugprone-empty-catch): the next heartbeat tries again
      }
    }
  }

  /// A registration that was taken for dead is made anew.
  void send(const std::optional<std::string>& report) {
    const std::string& name = description_.name;
    if (table_.heartbeat(name, token_, report)) return;
    if (table_.add(name, token_, to_line(description_), ttl_)) {
      table_.heartbeat(name, token_, report_);
    }
  }

  WorkerTable& table_;
  const WorkerDescription description_;
  const std::string token_;
  const Milliseconds ttl_;
  std::mutex mutex_;
  std::string report_;
  std::jthread thread_;
};

class RowRegistry final : public WorkerRegistry {
 public:
  RowRegistry(WorkerTable& table, RowRegistryOptions options) : table_(table), options_(options) {}

  Result<std::unique_ptr<WorkerRegistration>> add(const WorkerDescription& description) override {
    std::string token = new_token();
    if (!table_.add(description.name, token, to_line(description), options_.ttl)) {
      return fail(Errc::conflict, "a worker of the name " + description.name +
                                      " runs already; give this one another name, or none");
    }
    return std::make_unique<Row>(table_, description, std::move(token), options_.ttl);
  }

  std::vector<RegisteredWorker> list() override {
    std::vector<RegisteredWorker> workers;
    for (WorkerRow& row : table_.list()) {
      workers.push_back({parse_description(row.name, row.description),
                         row.is_alive ? WorkerState::alive : WorkerState::dead,
                         std::move(row.report)});
    }
    return workers;
  }

  bool bury(const std::string& name, const std::function<void()>& release) override {
    if (!was_silent(name)) return false;
    const std::string token = new_token();
    if (!table_.begin_burial(name, token)) return false;
    try {
      release();
    } catch (...) {
      table_.end_burial(name, token, false);
      throw;
    }
    table_.end_burial(name, token, true);
    return true;
  }

 private:
  struct Sight {
    int64_t heartbeats = 0;
    Steady::time_point since;
  };

  /// Whether the worker is dead by its row, which has not changed for half of the ttl.
  bool was_silent(const std::string& name) {
    const auto rows = table_.list();
    const std::lock_guard lock(mutex_);
    const auto now = Steady::now();
    std::erase_if(sights_, [&](const auto& sight) {
      return std::ranges::find(rows, sight.first, &WorkerRow::name) == rows.end();
    });
    const auto row = std::ranges::find(rows, name, &WorkerRow::name);
    if (row == rows.end() || row->is_alive) return false;
    const auto [sight, is_new] = sights_.try_emplace(name, Sight{row->heartbeats, now});
    if (!is_new && sight->second.heartbeats != row->heartbeats) {
      sight->second = {row->heartbeats, now};
    }
    return now - sight->second.since >= options_.ttl / 2;
  }

  WorkerTable& table_;
  const RowRegistryOptions options_;
  std::mutex mutex_;
  std::map<std::string, Sight> sights_;
};

}  // namespace

std::unique_ptr<WorkerRegistry> make_row_registry(WorkerTable& table, RowRegistryOptions options) {
  return std::make_unique<RowRegistry>(table, options);
}

}  // namespace steno
