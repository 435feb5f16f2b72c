#include <limits>

#include "store/sqlite/job_table.h"

namespace steno::sqlite {
namespace {

constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();

/// Looks at the head of each lane, found by the index, however long the lane is. ?1 is now, ?2
/// ageing, ?3 the most bytes, ?4 the least.
constexpr std::string_view kNext =
    "SELECT head.id FROM lanes"
    " JOIN jobs AS head ON head.rowid = ("
    "   SELECT rowid FROM jobs INDEXED BY jobs_waiting"
    "   WHERE state = 'pending' AND priority = lanes.priority AND owner = lanes.owner"
    "     AND available_at <= ?1 AND source_bytes BETWEEN ?4 AND ?3"
    "   ORDER BY available_at, id LIMIT 1)"
    " LEFT JOIN turns ON turns.owner = lanes.owner"
    " ORDER BY lanes.priority"
    "     + (?1 - min(head.available_at) OVER (PARTITION BY lanes.priority)) / ?2 DESC,"
    "   coalesce(turns.served, 0), head.available_at, head.id"
    " LIMIT 1";

/// Jobs of its own lane before this one.
constexpr std::string_view kRank =
    "SELECT count(*) FROM jobs INDEXED BY jobs_waiting"
    " WHERE state = 'pending' AND priority = ? AND owner = ? AND (available_at, id) < (?, ?)";

/// Jobs of other lanes before the one that is at ?3 in its own: all of a higher priority; of each
/// other owner of the same priority one for each of its own before it, and one more if that owner's
/// turn is next.
constexpr std::string_view kOthers =
    "SELECT coalesce(sum(CASE WHEN lanes.priority > ?1 THEN waiting"
    "   ELSE min(waiting, ?3 + (coalesce(turns.served, 0) <"
    "     coalesce((SELECT served FROM turns WHERE owner = ?2), 0))) END), 0)"
    " FROM lanes LEFT JOIN turns ON turns.owner = lanes.owner"
    " WHERE lanes.priority > ?1 OR (lanes.priority = ?1 AND lanes.owner <> ?2)";

}  // namespace

std::optional<std::string> Jobs::next_waiting(Time now, Milliseconds ageing,
                                              std::optional<int64_t> most_bytes) {
  const int64_t step = ageing.count() > 0 ? ageing.count() : kUnbounded;
  return database_.read("jobs.next_waiting",
                        [&](Connection& connection) -> std::optional<std::string> {
                          // A recording of unknown size, 0, may be a long one.
                          Query query(connection, kNext, now, step, most_bytes.value_or(kUnbounded),
                                      most_bytes ? 1 : 0);
                          if (!query.next()) return std::nullopt;
                          return query.get<std::string>(0);
                        });
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
                " WHERE state = 'pending' AND queue_until <= ? ORDER BY queue_until LIMIT ?",
                now, limit);
    std::vector<std::string> ids;
    while (query.next()) ids.push_back(query.get<std::string>(0));
    return ids;
  });
}

}  // namespace steno::sqlite
