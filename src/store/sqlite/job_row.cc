#include "store/sqlite/job_row.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace steno::sqlite {
namespace {

/// When a column is written.
enum class Write {
  once,              ///< when the job is added
  if_place_changes,  ///< with updates that may move the job in an index
  always,            ///< with every update
};

/// A text that is NULL when empty, so that its index holds only the jobs that have one.
template <class Text>
struct Sparse {
  Text& text;
};
template <class Text>
Sparse(Text&) -> Sparse<Text>;

/// One field of a failure. NULL without a failure.
template <class MaybeFailure>
struct FailurePart {
  MaybeFailure& failure;
  std::string Failure::*field;
};
template <class MaybeFailure>
FailurePart(MaybeFailure&, std::string Failure::*) -> FailurePart<MaybeFailure>;

/// The columns of table jobs and where they are in a Job: visit(name, when, field) for each.
template <class AnyJob, class Visit>
void each_column(AnyJob& job, Visit&& visit) {
  visit("id", Write::once, job.id);
  visit("owner", Write::once, job.owner);
  visit("key_id", Write::once, job.key_id);
  visit("batch_id", Write::once, Sparse{job.batch_id});
  visit("type", Write::once, job.type);
  visit("recording_id", Write::once, Sparse{job.recording_id});
  visit("rerun_of", Write::once, Sparse{job.rerun_of});
  visit("created_at", Write::once, job.created_at);

  visit("state", Write::if_place_changes, job.state);
  visit("priority", Write::if_place_changes, job.priority);
  visit("available_at", Write::if_place_changes, job.available_at);
  visit("queue_until", Write::if_place_changes, job.queue_until);
  visit("finished_at", Write::if_place_changes, job.finished_at);
  visit("source_blob", Write::if_place_changes, job.source.blob);
  visit("source_bytes", Write::if_place_changes, job.source.bytes);
  visit("result", Write::if_place_changes, job.result);
  visit("dead_letter", Write::if_place_changes, job.dead_letter);

  visit("stage", Write::always, job.stage);
  visit("progress", Write::always, job.progress);
  visit("attempt", Write::always, job.attempt);
  visit("max_attempts", Write::always, job.max_attempts);
  visit("losses", Write::always, job.losses);
  visit("version", Write::always, job.version);
  visit("fence", Write::always, job.fence);
  visit("heartbeats", Write::always, job.heartbeats);
  visit("worker", Write::always, job.worker);
  visit("updated_at", Write::always, job.updated_at);
  visit("started_at", Write::always, job.started_at);
  visit("time_limit", Write::always, job.time_limit);
  visit("source_url", Write::always, job.source.url);
  visit("source_name", Write::always, job.source.name);
  visit("model", Write::always, job.model);
  visit("options", Write::always, job.options);
  visit("metadata", Write::always, job.metadata);
  visit("audio_seconds", Write::always, job.audio_seconds);
  visit("compute_seconds", Write::always, job.compute_seconds);
  visit("warnings", Write::always, job.warnings);
  visit("failure_code", Write::always, FailurePart{job.failure, &Failure::code});
  visit("failure_message", Write::always, FailurePart{job.failure, &Failure::message});
}

/// The columns that each_column() visits with Write::if_place_changes.
auto place(const Job& job) {
  return std::tie(job.state, job.priority, job.available_at, job.queue_until, job.finished_at,
                  job.source.blob, job.source.bytes, job.result, job.dead_letter);
}

bool is_written(Part part, Write when) {
  return when == Write::always || (when == Write::if_place_changes && part == Part::all);
}

struct Binder {
  Query& query;

  template <class T>
  void operator()(const T& value) const {
    query.bind(value);
  }
  void operator()(const Sparse<const std::string>& value) const {
    if (value.text.empty()) return query.bind(std::nullopt);
    query.bind(value.text);
  }
  void operator()(const FailurePart<const std::optional<Failure>>& part) const {
    if (!part.failure) return query.bind(std::nullopt);
    query.bind((*part.failure).*part.field);
  }
  void operator()(const std::vector<std::string>& warnings) const {
    // A warning may quote what is not UTF-8.
    query.bind(
        nlohmann::json(warnings).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
};

struct Reader {
  const Query& row;
  int column = 0;

  template <class T>
  void operator()(T& value) {
    row.read(column++, value);
  }
  void operator()(Sparse<std::string>& value) { row.read(column++, value.text); }
  void operator()(FailurePart<std::optional<Failure>>& part) {
    if (!row.is_null(column)) {
      if (!part.failure) part.failure.emplace();
      row.read(column, (*part.failure).*part.field);
    }
    ++column;
  }
  void operator()(std::vector<std::string>& warnings) {
    nlohmann::json::parse(row.get<std::string>(column++)).get_to(warnings);
  }
};

/// The names of the columns that are `wanted`, each followed by `tail`, comma separated.
template <class Wanted>
std::string names(Wanted wanted, const char* tail = "") {
  std::string text;
  const Job none;
  each_column(none, [&](const char* name, Write when, const auto&) {
    if (!wanted(when)) return;
    if (!text.empty()) text += ", ";
    text += std::string(name) + tail;
  });
  return text;
}

std::string make_insert() {
  std::string marks;
  const Job none;
  each_column(none, [&](const char*, Write, const auto&) { marks += marks.empty() ? "?" : ", ?"; });
  return "INSERT INTO jobs (" + job_columns() + ") VALUES (" + marks + ")";
}

std::string make_update(Part part) {
  return "UPDATE jobs SET " + names([part](Write when) { return is_written(part, when); }, " = ?") +
         " WHERE id = ? AND version = ?";
}

}  // namespace

const std::string& job_columns() {
  static const std::string text = names([](Write) { return true; });
  return text;
}

Job read_job(const Query& row) {
  Job job;
  Reader reader{row};
  each_column(job, [&](const char*, Write, auto&& field) { reader(field); });
  return job;
}

const std::string& insert_job() {
  static const std::string text = make_insert();
  return text;
}

void bind_all(Query& query, const Job& job) {
  each_column(job,
              [binder = Binder{query}](const char*, Write, const auto& field) { binder(field); });
}

Part changed_part(const Job& old, const Job& now) {
  return place(old) == place(now) ? Part::unindexed : Part::all;
}

const std::string& update_job(Part part) {
  static const std::string all = make_update(Part::all);
  static const std::string unindexed = make_update(Part::unindexed);
  return part == Part::all ? all : unindexed;
}

void bind_update(Query& query, const Job& job, Part part, int64_t version) {
  each_column(job, [part, binder = Binder{query}](const char*, Write when, const auto& field) {
    if (is_written(part, when)) binder(field);
  });
  query.bind(job.id);
  query.bind(version);
}

}  // namespace steno::sqlite
