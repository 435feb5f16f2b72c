#include "store/sqlite/job_table.h"

#include "store/sqlite/access.h"
#include "store/sqlite/event_table.h"
#include "store/sqlite/job_row.h"

namespace steno::sqlite {

std::optional<Job> find_job(Connection& connection, std::string_view id) {
  static const std::string sql = "SELECT " + job_columns() + " FROM jobs WHERE id = ?";
  Query query(connection, sql, id);
  if (!query.next()) return std::nullopt;
  return read_job(query);
}

void write_job(Connection& connection, const Job& old, const Job& changed,
               std::span<const Event> events, const std::optional<Usage>& usage) {
  const Part part = changed_part(old, changed);
  Query update(connection, update_job(part));
  bind_update(update, changed, part, old.version);
  update.run();
  if (usage) add_usage(connection, *usage);
  add_events(connection, old.id, events);
}

std::optional<Job> Jobs::find(std::string_view id) {
  return database_.read("jobs.find",
                        [&](Connection& connection) { return find_job(connection, id); });
}

bool Jobs::update(Job& job, std::span<const Event> events, const std::optional<Usage>& usage) {
  Job changed = job;
  ++changed.version;
  const bool done = database_.write("jobs.update", [&](Connection& connection) {
    const auto old = find_job(connection, job.id);
    if (!old || old->version != job.version) return false;
    write_job(connection, *old, changed, events, usage);
    return true;
  });
  if (done) job.version = changed.version;
  return done;
}

bool Jobs::erase(const Job& job) {
  return database_.write("jobs.erase", [&](Connection& connection) {
    return Query(connection,
                 "DELETE FROM jobs WHERE id = ? AND version = ?"
                 " AND state IN ('completed', 'failed', 'cancelled')",
                 job.id, job.version)
               .run() > 0;
  });
}

}  // namespace steno::sqlite
