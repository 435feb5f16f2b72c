#include <algorithm>
#include <limits>
#include <utility>

#include "store/sqlite/job_row.h"
#include "store/sqlite/job_table.h"

namespace steno::sqlite {
namespace {

/// A position in the order of lists. A list continues with the next lower position.
using Place = std::pair<Time, std::string>;

const Place kTop{Time::max(), ""};
const Place kNowhere{Time::min(), ""};

/// The position of a listed job, even if it has been removed. Identifiers sort by time (base/id.h),
/// so the next older job has the same or an earlier time.
Place place_of(Connection& connection, const std::string& id) {
  Query query(connection, "SELECT created_at FROM jobs WHERE id <= ? ORDER BY id DESC LIMIT 1", id);
  if (!query.next()) return kNowhere;
  return {query.get<Time>(0), id};
}

Place start_of(Connection& connection, const JobQuery& query) {
  Place start = kTop;
  if (query.created_before) start = {*query.created_before, ""};
  if (query.after_id) start = std::min(start, place_of(connection, *query.after_id));
  return start;
}

/// The index that skips the fewest rows. Named explicitly, because SQLite does not know that an
/// owner has many jobs and a recording few.
std::string index_for(const JobQuery& query) {
  if (query.recording_id) return "jobs_by_recording";
  if (query.batch_id) return "jobs_by_batch";
  if (query.dead_letter == true) return "jobs_dead";
  if (query.owner) return query.state ? "jobs_by_owner_state" : "jobs_by_owner";
  return query.state ? "jobs_by_state" : "jobs_by_time";
}

std::string statement_for(const JobQuery& query) {
  std::string sql = "SELECT " + job_columns() + " FROM jobs INDEXED BY " + index_for(query) +
                    " WHERE (created_at, id) < (?, ?) AND created_at > ?";
  if (query.owner) sql += " AND owner = ?";
  if (query.state) sql += " AND state = ?";
  if (query.type) sql += " AND type = ?";
  if (query.recording_id) sql += " AND recording_id = ?";
  if (query.batch_id) sql += " AND batch_id = ?";
  // A literal, because a partial index cannot be used with a bound value.
  if (query.dead_letter)
    sql += *query.dead_letter ? " AND dead_letter = 1" : " AND dead_letter = 0";
  return sql + " ORDER BY created_at DESC, id DESC LIMIT ?";
}

void bind_filters(Query& statement, const JobQuery& query) {
  statement.bind(query.created_after.value_or(Time::min()));
  if (query.owner) statement.bind(*query.owner);
  if (query.state) statement.bind(*query.state);
  if (query.type) statement.bind(*query.type);
  if (query.recording_id) statement.bind(*query.recording_id);
  if (query.batch_id) statement.bind(*query.batch_id);
  statement.bind(query.limit);
}

std::vector<Job> read_jobs(Query& query) {
  std::vector<Job> jobs;
  while (query.next()) jobs.push_back(read_job(query));
  return jobs;
}

}  // namespace

std::vector<Job> Jobs::list(const JobQuery& query) {
  return database_.read("jobs.list", [&](Connection& connection) {
    const Place start = start_of(connection, query);
    Query statement(connection, statement_for(query), start.first, start.second);
    bind_filters(statement, query);
    return read_jobs(statement);
  });
}

std::vector<Job> Jobs::processing() {
  static const std::string sql =
      "SELECT " + job_columns() + " FROM jobs INDEXED BY jobs_by_state WHERE state = 'processing'";
  return database_.read("jobs.processing", [](Connection& connection) {
    Query query(connection, sql);
    return read_jobs(query);
  });
}

std::vector<Job> Jobs::ended_before(Time before, Kept kept, int limit) {
  const std::string select = "SELECT " + job_columns() + " FROM jobs INDEXED BY ";
  const std::string ended =
      " AND finished_at < ? AND state IN ('completed', 'failed', 'cancelled')"
      " ORDER BY finished_at LIMIT ?";
  const std::string sql = select +
                          (kept == Kept::audio ? "jobs_with_audio WHERE source_blob <> ''"
                                               : "jobs_ended WHERE dead_letter = 0") +
                          ended;
  return database_.read("jobs.ended_before", [&](Connection& connection) {
    Query query(connection, sql, before, limit);
    return read_jobs(query);
  });
}

std::optional<std::array<int64_t, 5>> Jobs::count_batch(std::string_view batch_id,
                                                        std::string_view owner) {
  return database_.read("jobs.count_batch", [&](Connection& connection) {
    Query query(connection,
                "SELECT state, count(*) FROM jobs INDEXED BY jobs_by_batch"
                " WHERE batch_id = ? AND owner = ? GROUP BY state",
                batch_id, owner);
    std::optional<std::array<int64_t, 5>> counts;
    while (query.next()) {
      if (!counts) counts.emplace().fill(0);
      query.read(1, counts->at(static_cast<size_t>(query.get<State>(0))));
    }
    return counts;
  });
}

}  // namespace steno::sqlite
