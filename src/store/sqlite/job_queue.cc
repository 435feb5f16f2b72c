#include <limits>

#include "store/sqlite/job_row.h"
#include "store/sqlite/job_table.h"

namespace steno::sqlite {
namespace {

constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();

/// Reads only the first job of each lane, by the index, so the length of a lane costs nothing. ?1
/// is now, ?2 ageing, ?3 the most bytes, ?4 the least.
constexpr std::string_view kNext =
    "SELECT head.id FROM lanes"
    " JOIN jobs AS head ON head.rowid = ("
    "   SELECT rowid FROM jobs INDEXED BY jobs_waiting"
    "   WHERE state = 'pending' AND priority = lanes.priority AND owner = "
    "lanes.owner"
    "     AND available_at <= ?1 AND source_bytes BETWEEN ?4 AND ?3"
    "   ORDER BY available_at, id LIMIT 1)"
    " LEFT JOIN turns ON turns.owner = lanes.owner"
    " ORDER BY lanes.priority"
    "     + (?1 - min(head.available_at) OVER (PARTITION BY lanes.priority)) / "
    "?2 DESC,"
    "   coalesce(turns.served, 0), head.available_at, head.id"
    " LIMIT 1";

/// The number of jobs before this one in its own lane.
constexpr std::string_view kRank =
    "SELECT count(*) FROM jobs INDEXED BY jobs_waiting"
    " WHERE state = 'pending' AND priority = ? AND owner = ? AND "
    "(available_at, id) < (?, ?)";

/// The number of jobs of other lanes before the job that has ?3 others before it in its own lane.
/// All jobs of a higher priority count. Of each other owner of the same priority as many count as
/// this owner has before it, and one more if that owner was served longer ago.
constexpr std::string_view kOthers =
    "SELECT coalesce(sum(CASE WHEN lanes.priority > ?1 THEN waiting"
    "   ELSE min(waiting, ?3 + (coalesce(turns.served, 0) <"
    "     coalesce((SELECT served FROM turns WHERE owner = ?2), 0))) END), 0)"
    " FROM lanes LEFT JOIN turns ON turns.owner = lanes.owner"
    " WHERE lanes.priority > ?1 OR (lanes.priority = ?1 AND lanes.owner <> ?2)";

std::optional<std::string> next_waiting(Connection& connection, const ClaimOrder& order) {
  const int64_t step = order.ageing.count() > 0 ? order.ageing.count() : kUnbounded;
  // Audio of unknown size, 0, may be long.
  const int64_t least_bytes = order.most_bytes ? 1 : 0;
  Query query(connection, kNext, order.now, step, order.most_bytes.value_or(kUnbounded),
              least_bytes);
  if (!query.next()) return std::nullopt;
  return query.get<std::string>(0);
}

}  // namespace

std::optional<JobChange> Jobs::claim_next(const ClaimOrder& order,
                                          const std::function<JobWrite(const Job&)>& change) {
  // Most looks of idle workers find nothing. They must not wait for the lock of the writers. In a
  // backlog the last claim found a job, and a look first would only cost time.
  if (!has_claimed_) {
    const bool is_waiting = database_.read("jobs.next_waiting", [&](Connection& connection) {
      return next_waiting(connection, order).has_value();
    });
    if (!is_waiting) return std::nullopt;
  }
  const auto claim = [&](Connection& connection) -> std::optional<JobChange> {
    const auto id = next_waiting(connection, order);
    if (!id) return std::nullopt;
    JobChange claimed;
    claimed.before = find_job(connection, *id).value();
    JobWrite write = change(claimed.before);
    ++write.job.version;
    write_job(connection, claimed.before, write.job, write.events, write.usage);
    claimed.after = std::move(write.job);
    return claimed;
  };
  auto claimed = database_.write("jobs.claim_next", claim);
  has_claimed_ = claimed.has_value();
  return claimed;
}

std::optional<Time> Jobs::next_available(Time now) {
  return database_.read("jobs.next_available", [&](Connection& connection) {
    Query query(connection,
                "SELECT min(available_at) FROM jobs INDEXED BY jobs_waiting_later"
                " WHERE state = 'pending' AND available_at > ?",
                now);
    query.next();
    return query.get<std::optional<Time>>(0);
  });
}

std::vector<Job> Jobs::available_before(Time before, int limit) {
  static const std::string sql = "SELECT " + job_columns() +
                                 " FROM jobs INDEXED BY jobs_waiting_later WHERE state = 'pending'"
                                 " AND available_at < ? ORDER BY available_at LIMIT ?";
  return database_.read("jobs.available_before", [&](Connection& connection) {
    Query query(connection, sql, before, limit);
    std::vector<Job> jobs;
    while (query.next()) jobs.push_back(read_job(query));
    return jobs;
  });
}

std::vector<Depth> Jobs::depths() {
  return database_.read("jobs.depths", [](Connection& connection) {
    Query query(connection,
                "SELECT priority, sum(waiting),"
                " (SELECT min(created_at) FROM jobs INDEXED BY jobs_waiting_since"
                "  WHERE state = 'pending' AND priority = lanes.priority)"
                " FROM lanes GROUP BY priority ORDER BY priority");
    std::vector<Depth> depths;
    while (query.next()) {
      depths.push_back({.priority = query.get<int>(0),
                        .waiting = query.get<int64_t>(1),
                        .oldest = query.get<std::optional<Time>>(2)});
    }
    return depths;
  });
}

int64_t Jobs::place_in_queue(const Job& job) {
  if (job.state != State::pending) return 0;
  return database_.read("jobs.place_in_queue", [&](Connection& connection) {
    Query rank(connection, kRank, job.priority, job.owner, job.available_at, job.id);
    rank.next();
    const auto own = rank.get<int64_t>(0);
    Query others(connection, kOthers, job.priority, job.owner, own);
    others.next();
    return own + others.get<int64_t>(0);
  });
}

std::vector<std::string> Jobs::overdue(Time now, int limit) {
  return database_.read("jobs.overdue", [&](Connection& connection) {
    Query query(connection,
                "SELECT id FROM jobs INDEXED BY jobs_waiting_until"
                " WHERE state = 'pending' AND queue_until <= ? ORDER BY "
                "queue_until LIMIT ?",
                now, limit);
    std::vector<std::string> ids;
    while (query.next()) ids.push_back(query.get<std::string>(0));
    return ids;
  });
}

}  // namespace steno::sqlite
