#include "store/sqlite/job_table.h"

#include "store/sqlite/access.h"
#include "store/sqlite/job_row.h"

namespace steno::sqlite {
namespace {

/// Old keys forgotten at each new one: more than come, so that they do not pile up.
constexpr int kForgottenAtOnce = 8;

struct KnownKey {
  std::string job_id;
  std::string fingerprint;
};

/// What is remembered of the key.
std::optional<KnownKey> find_key(Connection& connection, std::string_view owner,
                                 std::string_view key, Time now) {
  Query query(connection,
              "SELECT job_id, fingerprint FROM idempotency"
              " WHERE owner = ? AND key = ? AND expires_at > ?",
              owner, key, now);
  if (!query.next()) return std::nullopt;
  return KnownKey{query.get<std::string>(0), query.get<std::string>(1)};
}

/// What was submitted under this key before, if that is still remembered.
std::optional<Creation> repeated(Connection& connection, const Job& job,
                                 const IdempotencyKey& key) {
  const auto known = find_key(connection, job.owner, key.key, job.created_at);
  if (!known) return std::nullopt;
  const bool same = known->fingerprint == key.fingerprint;
  return Creation{same ? Creation::Outcome::repeated : Creation::Outcome::other_content,
                  known->job_id};
}

void remember_key(Connection& connection, const Job& job, const IdempotencyKey& key,
                  Milliseconds remember) {
  Query(connection,
        "DELETE FROM idempotency WHERE (owner, key) IN (SELECT owner, key FROM idempotency"
        " WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)",
        job.created_at, kForgottenAtOnce)
      .run();
  Query(connection, "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)", job.owner, key.key,
        key.fingerprint, job.id, job.created_at + remember)
      .run();
}

int64_t waiting(Connection& connection, std::string_view sql, const auto&... values) {
  Query query(connection, sql, values...);
  query.next();
  return query.get<int64_t>(0);
}

std::optional<Creation::Outcome> over_limit(Connection& connection, std::string_view owner,
                                            const QueueLimits& limits) {
  if (limits.per_owner > 0 &&
      waiting(connection, "SELECT coalesce(sum(waiting), 0) FROM lanes WHERE owner = ?", owner) >=
          limits.per_owner) {
    return Creation::Outcome::owner_queue_full;
  }
  if (limits.in_all > 0 &&
      waiting(connection, "SELECT coalesce(sum(waiting), 0) FROM lanes") >= limits.in_all) {
    return Creation::Outcome::queue_full;
  }
  return std::nullopt;
}

int64_t next_number(Connection& connection, const std::string& job_id) {
  Query query(connection, "SELECT coalesce(max(number), 0) + 1 FROM events WHERE job_id = ?",
              job_id);
  query.next();
  return query.get<int64_t>(0);
}

/// The event's position.
int64_t add_event(Connection& connection, const std::string& job_id, int64_t number,
                  const Event& event) {
  Query(connection, "INSERT INTO events (job_id, number, type, data, at) VALUES (?, ?, ?, ?, ?)",
        job_id, number, event.type, event.data, event.at)
      .run();
  return connection.last_row();
}

std::optional<Job> find_job(Connection& connection, std::string_view id) {
  static const std::string sql = "SELECT " + job_columns() + " FROM jobs WHERE id = ?";
  Query query(connection, sql, id);
  if (!query.next()) return std::nullopt;
  return read_job(query);
}

std::vector<Event> read_events(Query& query) {
  std::vector<Event> events;
  while (query.next()) {
    events.push_back({.job_id = query.get<std::string>(0),
                      .number = query.get<int64_t>(1),
                      .position = query.get<int64_t>(2),
                      .type = query.get<std::string>(3),
                      .data = query.get<std::string>(4),
                      .at = query.get<Time>(5)});
  }
  return events;
}

}  // namespace

std::optional<std::string> job_of_blob(Connection& connection, std::string_view blob) {
  Query query(connection, "SELECT id FROM jobs WHERE source_blob = ? AND source_blob <> ''", blob);
  if (!query.next()) return std::nullopt;
  return query.get<std::string>(0);
}

Creation Jobs::create(const Job& job, std::span<const Event> events,
                      const std::optional<IdempotencyKey>& key, Milliseconds remember,
                      const QueueLimits& limits) {
  return database_.write("jobs.create", [&](Connection& connection) {
    if (key) {
      if (const auto earlier = repeated(connection, job, *key)) return *earlier;
    }
    if (const auto full = over_limit(connection, job.owner, limits)) return Creation{*full, {}};
    Query insert(connection, insert_job());
    bind_all(insert, job);
    insert.run();
    int64_t number = 0;
    for (const auto& event : events) add_event(connection, job.id, ++number, event);
    if (key) remember_key(connection, job, *key, remember);
    return Creation{Creation::Outcome::created, job.id};
  });
}

std::optional<Creation::Outcome> Jobs::refusal(std::string_view owner,
                                               const std::optional<std::string>& key, Time now,
                                               const QueueLimits& limits) {
  return database_.read("jobs.refusal", [&](Connection& connection) {
    auto full = over_limit(connection, owner, limits);
    if (full && key && find_key(connection, owner, *key, now)) full.reset();
    return full;
  });
}

std::optional<Job> Jobs::find(std::string_view id) {
  return database_.read("jobs.find",
                        [&](Connection& connection) { return find_job(connection, id); });
}

std::optional<std::string> Jobs::find_by_blob(std::string_view blob) {
  return database_.read("jobs.find_by_blob",
                        [&](Connection& connection) { return job_of_blob(connection, blob); });
}

bool Jobs::update(Job& job, std::span<Event> events, const std::optional<Usage>& more) {
  Job changed = job;
  ++changed.version;
  const bool done = database_.write("jobs.update", [&](Connection& connection) {
    const auto old = find_job(connection, job.id);
    if (!old || old->version != job.version) return false;
    const Part part = changed_part(*old, changed);
    Query update(connection, update_job(part));
    bind_update(update, changed, part, job.version);
    update.run();
    if (more) add_usage(connection, *more);
    if (events.empty()) return true;
    int64_t number = next_number(connection, job.id);
    for (auto& event : events) {
      event.job_id = job.id;
      event.number = number++;
      event.position = add_event(connection, job.id, event.number, event);
    }
    return true;
  });
  if (done) job.version = changed.version;
  return done;
}

bool Jobs::erase(std::string_view id) {
  return database_.write("jobs.erase", [&](Connection& connection) {
    return Query(connection, "DELETE FROM jobs WHERE id = ?", id).run() > 0;
  });
}

std::vector<Event> Jobs::events_of(std::string_view job_id, int64_t after_number, int limit) {
  return database_.read("jobs.events_of", [&](Connection& connection) {
    Query query(connection,
                "SELECT job_id, number, position, type, data, at FROM events"
                " WHERE job_id = ? AND number > ? ORDER BY number LIMIT ?",
                job_id, after_number, limit);
    return read_events(query);
  });
}

std::vector<Event> Jobs::events_since(int64_t after_position, int limit) {
  return database_.read("jobs.events_since", [&](Connection& connection) {
    Query query(connection,
                "SELECT job_id, number, position, type, data, at FROM events"
                " WHERE position > ? ORDER BY position LIMIT ?",
                after_position, limit);
    return read_events(query);
  });
}

int64_t Jobs::last_position() {
  return database_.read("jobs.last_position", [](Connection& connection) {
    Query query(connection, "SELECT coalesce(max(position), 0) FROM events");
    query.next();
    return query.get<int64_t>(0);
  });
}

}  // namespace steno::sqlite
