#include "store/sqlite/job_row.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace steno::sqlite {
namespace {

/// When a column is written.
enum class Use {
  fixed,    ///< once
  indexed,  ///< when the job's place in an index may change
  told,     ///< with every update
};

/// A text whose absence is NULL, so that its index holds only the jobs that have one.
template <class Text>
struct Sparse {
  Text& text;
};
template <class Text>
Sparse(Text&) -> Sparse<Text>;

/// One field of a failure; NULL without a failure.
template <class MaybeFailure>
struct FailurePart {
  MaybeFailure& failure;
  std::string Failure::*field;
};
template <class MaybeFailure>
FailurePart(MaybeFailure&, std::string Failure::*) -> FailurePart<MaybeFailure>;

/// The columns of table jobs and where they are in a Job: visit(name, use, field) for each.
template <class AnyJob, class Visit>
void each_column(AnyJob& job, Visit&& visit) {
  visit("id", Use::fixed, job.id);
  visit("owner", Use::fixed, job.owner);
  visit("key_id", Use::fixed, job.key_id);
  visit("batch_id", Use::fixed, Sparse{job.batch_id});
  visit("type", Use::fixed, job.type);
  visit("recording_id", Use::fixed, Sparse{job.recording_id});
  visit("rerun_of", Use::fixed, Sparse{job.rerun_of});
  visit("created_at", Use::fixed, job.created_at);

  visit("state", Use::indexed, job.state);
  visit("priority", Use::indexed, job.priority);
  visit("available_at", Use::indexed, job.available_at);
  visit("queue_until", Use::indexed, job.queue_until);
  visit("finished_at", Use::indexed, job.finished_at);
  visit("source_blob", Use::indexed, job.source.blob);
  visit("source_bytes", Use::indexed, job.source.bytes);
  visit("result", Use::indexed, job.result);
  visit("dead_letter", Use::indexed, job.dead_letter);

  visit("stage", Use::told, job.stage);
  visit("progress", Use::told, job.progress);
  visit("attempt", Use::told, job.attempt);
  visit("max_attempts", Use::told, job.max_attempts);
  visit("losses", Use::told, job.losses);
  visit("version", Use::told, job.version);
  visit("fence", Use::told, job.fence);
  visit("beat", Use::told, job.heartbeats);
  visit("worker", Use::told, job.worker);
  visit("updated_at", Use::told, job.updated_at);
  visit("started_at", Use::told, job.started_at);
  visit("time_limit", Use::told, job.time_limit);
  visit("source_url", Use::told, job.source.url);
  visit("source_name", Use::told, job.source.name);
  visit("model", Use::told, job.model);
  visit("options", Use::told, job.options);
  visit("metadata", Use::told, job.metadata);
  visit("audio_seconds", Use::told, job.audio_seconds);
  visit("compute_seconds", Use::told, job.compute_seconds);
  visit("warnings", Use::told, job.warnings);
  visit("failure_code", Use::told, FailurePart{job.failure, &Failure::code});
  visit("failure_message", Use::told, FailurePart{job.failure, &Failure::message});
}

/// What each_column() calls Use::indexed.
auto place(const Job& job) {
  return std::tie(job.state, job.priority, job.available_at, job.queue_until, job.finished_at,
                  job.source.blob, job.source.bytes, job.result, job.dead_letter);
}

bool is_written(Part part, Use use) {
  return use == Use::told || (use == Use::indexed && part == Part::all);
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
  each_column(none, [&](const char* name, Use use, const auto&) {
    if (!wanted(use)) return;
    if (!text.empty()) text += ", ";
    text += std::string(name) + tail;
  });
  return text;
}

std::string make_insert() {
  std::string marks;
  const Job none;
  each_column(none, [&](const char*, Use, const auto&) { marks += marks.empty() ? "?" : ", ?"; });
  return "INSERT INTO jobs (" + job_columns() + ") VALUES (" + marks + ")";
}

std::string make_update(Part part) {
  return "UPDATE jobs SET " + names([part](Use use) { return is_written(part, use); }, " = ?") +
         " WHERE id = ? AND version = ?";
}

}  // namespace

const std::string& job_columns() {
  static const std::string text = names([](Use) { return true; });
  return text;
}

Job read_job(const Query& row) {
  Job job;
  Reader reader{row};
  each_column(job, [&](const char*, Use, auto&& field) { reader(field); });
  return job;
}

const std::string& insert_job() {
  static const std::string text = make_insert();
  return text;
}

void bind_all(Query& query, const Job& job) {
  each_column(job,
              [binder = Binder{query}](const char*, Use, const auto& field) { binder(field); });
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
  each_column(job, [part, binder = Binder{query}](const char*, Use use, const auto& field) {
    if (is_written(part, use)) binder(field);
  });
  query.bind(job.id);
  query.bind(version);
}

}  // namespace steno::sqlite
