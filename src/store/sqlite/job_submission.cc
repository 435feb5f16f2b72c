#include <algorithm>

#include "store/sqlite/access.h"
#include "store/sqlite/event_table.h"
#include "store/sqlite/job_row.h"
#include "store/sqlite/job_table.h"
#include "store/sqlite/upload_table.h"

namespace steno::sqlite {
namespace {

/// Each submission with a key removes more expired keys than it adds, so that they do not pile up.
constexpr int kMoreForgotten = 8;

/// The row of an idempotency key for one job.
struct KnownJob {
  std::string job_id;
  std::string fingerprint;
};

/// The jobs of the idempotency key, in the order of their submission.
std::vector<KnownJob> find_key(Connection& connection, std::string_view owner, std::string_view key,
                               Time now) {
  Query query(connection,
              "SELECT job_id, fingerprint FROM idempotency_keys"
              " WHERE owner = ? AND key = ? AND expires_at > ? ORDER BY place",
              owner, key, now);
  std::vector<KnownJob> known;
  while (query.next()) known.push_back({query.get<std::string>(0), query.get<std::string>(1)});
  return known;
}

std::optional<Creation> repeated(Connection& connection, const Job& first,
                                 const IdempotencyKey& key) {
  const auto known = find_key(connection, first.owner, key.key, first.created_at);
  if (known.empty()) return std::nullopt;
  if (known.front().fingerprint != key.fingerprint) {
    return Creation{Creation::Status::other_content};
  }
  Creation creation{Creation::Status::repeated};
  for (const auto& row : known) {
    creation.jobs.push_back(find_job(connection, row.job_id).value());  // a foreign key
  }
  return creation;
}

void remember_key(Connection& connection, const std::vector<Job>& jobs, const IdempotencyKey& key,
                  Milliseconds remember) {
  const Job& first = jobs.front();
  Query(connection,
        "DELETE FROM idempotency_keys WHERE (owner, key, place) IN ("
        " SELECT owner, key, place FROM idempotency_keys"
        " WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
        first.created_at, static_cast<int64_t>(jobs.size()) + kMoreForgotten)
      .run();
  // It may have expired for another submission, which may have had more jobs.
  Query(connection, "DELETE FROM idempotency_keys WHERE owner = ? AND key = ?", first.owner,
        key.key)
      .run();
  int64_t place = 0;
  for (const Job& job : jobs) {
    Query(connection,
          "INSERT INTO idempotency_keys (owner, key, place, fingerprint, "
          "job_id, expires_at)"
          " VALUES (?, ?, ?, ?, ?, ?)",
          first.owner, key.key, place++, key.fingerprint, job.id, first.created_at + remember)
        .run();
  }
}

int64_t count_waiting(Connection& connection, std::string_view sql, const auto&... values) {
  Query query(connection, sql, values...);
  query.next();
  return query.get<int64_t>(0);
}

/// Whether `more` jobs of the owner are too many.
std::optional<Creation::Status> over_limit(Connection& connection, std::string_view owner,
                                           int64_t more, const QueueLimits& limits) {
  if (limits.per_owner > 0 &&
      count_waiting(connection, "SELECT coalesce(sum(waiting), 0) FROM lanes WHERE owner = ?",
                    owner) +
              more >
          limits.per_owner) {
    return Creation::Status::owner_queue_full;
  }
  if (limits.in_all > 0 &&
      count_waiting(connection, "SELECT coalesce(sum(waiting), 0) FROM lanes") + more >
          limits.in_all) {
    return Creation::Status::queue_full;
  }
  return std::nullopt;
}

void insert_new(Connection& connection, const Job& job, std::span<const Event> events) {
  Query insert(connection, insert_job());
  bind_all(insert, job);
  insert.run();
  for (const Event& event : events) {
    if (event.job_id == job.id) add_events(connection, job.id, std::span(&event, 1));
  }
}

Creation add_submission(Connection& connection, const JobSubmission& submission,
                        std::span<const Event> events, const SubmissionRules& rules) {
  const auto& jobs = submission.jobs;
  const Job& first = jobs.front();
  if (submission.key) {
    if (auto earlier = repeated(connection, first, *submission.key)) return *std::move(earlier);
  }
  const auto more = static_cast<int64_t>(jobs.size());
  if (const auto full = over_limit(connection, first.owner, more, rules.limits)) {
    return Creation{*full};
  }
  if (submission.upload && !take_upload(connection, *submission.upload, first.source.blob)) {
    return Creation{Creation::Status::upload_gone};
  }
  for (const Job& job : jobs) insert_new(connection, job, events);
  if (submission.key) remember_key(connection, jobs, *submission.key, rules.remember_key);
  for (const AuditEntry& entry : submission.audit) add_audit(connection, entry);
  return Creation{Creation::Status::created};
}

}  // namespace

Creation Jobs::submit(const JobSubmission& submission, std::span<const Event> events,
                      const SubmissionRules& rules) {
  auto creation = database_.write("jobs.create", [&](Connection& connection) {
    return add_submission(connection, submission, events, rules);
  });
  if (creation.status == Creation::Status::created) creation.jobs = submission.jobs;
  return creation;
}

std::optional<KnownSubmission> Jobs::find_submission(std::string_view owner, std::string_view key,
                                                     Time now) {
  return database_.read("jobs.find_submission",
                        [&](Connection& connection) -> std::optional<KnownSubmission> {
                          const auto known = find_key(connection, owner, key, now);
                          if (known.empty()) return std::nullopt;
                          KnownSubmission submission{known.front().fingerprint, {}};
                          for (const auto& row : known) {
                            submission.jobs.push_back(find_job(connection, row.job_id).value());
                          }
                          return submission;
                        });
}

std::optional<Creation::Status> Jobs::refusal(std::string_view owner,
                                              const std::optional<std::string>& key, Time now,
                                              const QueueLimits& limits) {
  return database_.read("jobs.refusal", [&](Connection& connection) {
    auto full = over_limit(connection, owner, 1, limits);
    if (full && key && !find_key(connection, owner, *key, now).empty()) full.reset();
    return full;
  });
}

}  // namespace steno::sqlite
