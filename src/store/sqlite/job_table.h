#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/event.h"
#include "domain/usage.h"
#include "store/job_store.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

/// See JobStore::find_by_blob().
std::optional<std::string> job_of_blob(Connection& connection, std::string_view blob);

/// Jobs and events in SQLite. jobs.cc holds what changes them, job_list.cc what lists them,
/// job_queue.cc what picks the next.
class Jobs : public JobStore {
 public:
  explicit Jobs(Database& database) : database_(database) {}

  Creation create(const Job& job, std::span<const Event> events,
                  const std::optional<IdempotencyKey>& key, Milliseconds remember,
                  const QueueLimits& limits) override;
  std::optional<Creation::Outcome> refusal(std::string_view owner,
                                           const std::optional<std::string>& key, Time now,
                                           const QueueLimits& limits) override;
  std::optional<Job> find(std::string_view id) override;
  std::optional<std::string> find_by_blob(std::string_view blob) override;
  std::vector<Job> list(const JobQuery& query) override;
  using JobStore::update;
  bool update(Job& job, std::span<Event> events, const std::optional<Usage>& more) override;
  bool erase(std::string_view id) override;

  std::vector<Event> events_of(std::string_view job_id, int64_t after_number, int limit) override;
  std::vector<Event> events_since(int64_t after_position, int limit) override;
  int64_t last_position() override;

  std::optional<std::string> next_waiting(Time now, Milliseconds ageing,
                                          std::optional<int64_t> most_bytes) override;
  std::optional<Time> next_available(Time now) override;
  std::vector<Depth> depths() override;
  int64_t place_in_queue(const Job& job) override;

  std::vector<Job> processing() override;
  std::vector<std::string> overdue(Time now, int limit) override;
  std::vector<Job> ended_before(Time before, Kept kept, int limit) override;
  std::optional<std::array<int64_t, 5>> count_batch(std::string_view batch_id,
                                                    std::string_view owner) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
