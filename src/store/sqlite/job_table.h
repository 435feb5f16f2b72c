#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/event.h"
#include "domain/usage.h"
#include "store/job_store.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

std::optional<Job> find_job(Connection& connection, std::string_view id);

/// Writes `changed` over the stored job `old`, with its events and usage. `changed` has its new
/// version already.
void write_job(Connection& connection, const Job& old, const Job& changed,
               std::span<const Event> events, const std::optional<Usage>& usage);

/// Jobs in SQLite. job_table.cc finds and writes single jobs, job_submission.cc adds them,
/// job_list.cc lists them, job_queue.cc orders and claims the waiting ones.
class Jobs : public JobStore {
 public:
  explicit Jobs(Database& database) : database_(database) {}

  Creation submit(const JobSubmission& submission, std::span<const Event> events,
                  const SubmissionRules& rules) override;
  std::optional<Creation::Status> refusal(std::string_view owner,
                                          const std::optional<std::string>& key, Time now,
                                          const QueueLimits& limits) override;
  std::optional<KnownSubmission> find_submission(std::string_view owner, std::string_view key,
                                                 Time now) override;
  std::optional<Job> find(std::string_view id) override;
  std::vector<Job> list(const JobQuery& query) override;
  using JobStore::update;
  bool update(Job& job, std::span<const Event> events, const std::optional<Usage>& usage) override;
  bool erase(const Job& job) override;

  std::optional<JobChange> claim_next(const ClaimOrder& order,
                                      const std::function<JobWrite(const Job&)>& change) override;
  std::optional<Time> next_available(Time now) override;
  std::vector<Job> available_before(Time before, int limit) override;
  std::vector<Depth> depths() override;
  int64_t place_in_queue(const Job& job) override;

  std::vector<Job> processing() override;
  std::vector<std::string> overdue(Time now, int limit) override;
  std::vector<Job> ended_before(Time before, Kept kept, int limit) override;
  std::optional<std::array<int64_t, 5>> count_batch(std::string_view batch_id,
                                                    std::string_view owner) override;

 private:
  Database& database_;
  std::atomic<bool> has_claimed_ = false;  ///< the last claim found a job
};

}  // namespace steno::sqlite
