#include "api/jobs/job_page.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>

#include "api/core/answers.h"
#include "api/jobs/job_routes.h"
#include "api/jobs/job_view.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDefaultLimit = 50;
constexpr int kMostJobs = 200;
constexpr std::array<std::string_view, 5> kStates = {"pending", "processing", "completed", "failed",
                                                     "cancelled"};

std::optional<Cursor> cursor_of(QueryReader& reader) {
  const auto text = reader.text("cursor");
  if (!text) return std::nullopt;
  auto cursor = parse_cursor(*text);
  if (cursor) return std::move(*cursor);
  reader.complain("invalid_cursor", "cursor", cursor.error().message);
  return std::nullopt;
}

PageRequest read_page(http::Request& request, QueryReader& reader) {
  PageRequest wanted;
  wanted.query.owner = caller_of(request).owner;
  wanted.query.limit =
      static_cast<int>(reader.integer("limit", 1, kMostJobs).value_or(kDefaultLimit));
  wanted.cursor = cursor_of(reader);
  return wanted;
}

PageRequest read_filtered_request(http::Request& request) {
  QueryReader reader(request.query());
  auto wanted = read_page(request, reader);
  auto& query = wanted.query;
  if (const auto state = reader.choice("status", kStates)) query.state = parse_state(*state);
  query.type = reader.text("type");
  query.recording_id = reader.text("recording_id");
  query.batch_id = reader.text("batch_id");
  query.dead_letter = reader.flag("dead_letter");
  query.created_after = reader.time("created_after");
  query.created_before = reader.time("created_before");
  reader.finish();
  return wanted;
}

/// Makes the list go on behind the cursor, also when its job is there no more: then by its time.
void go_on_behind(const Cursor& cursor, JobStore& jobs, JobQuery& query) {
  const auto job = jobs.find(cursor.job_id);
  if (job && job->owner == query.owner) {
    query.after_id = cursor.job_id;
    return;
  }
  const auto bound = cursor.created_at + Milliseconds(1);
  query.created_before = query.created_before ? std::min(*query.created_before, bound) : bound;
}

bool is_behind(const Job& job, const Cursor& cursor) {
  return std::tie(job.created_at, job.id) < std::tie(cursor.created_at, cursor.job_id);
}

http::Task<void> show_list(Service& service, http::Request& request, http::Responder& responder) {
  const auto wanted = read_filtered_request(request);
  auto read = [&] { return list_jobs(service.store.jobs(), wanted); };
  const auto list = co_await http::offload(service.pool, read);
  co_await responder.send(json_answer(200, list));
}

nlohmann::json text_schema() { return {{"type", "string"}, {"minLength", 1}, {"maxLength", 256}}; }

std::vector<Parameter> filtered_parameters() {
  using In = Parameter::In;
  const nlohmann::json moment = {{"type", "string"}, {"format", "date-time"}};
  std::vector<Parameter> parameters = {
      {"status", In::query, "Only jobs in this state", {{"type", "string"}, {"enum", kStates}}},
      {"type", In::query, "Only jobs of this type", text_schema(), "transcription"},
      {"recording_id", In::query, "Only jobs of this recording", text_schema()},
      {"batch_id", In::query, "Only jobs of this batch", text_schema()},
      {"dead_letter", In::query, "Only dead letters, or none of them", {{"type", "boolean"}}},
      {"created_after", In::query, "Only jobs submitted after this moment", moment},
      {"created_before", In::query, "Only jobs submitted before this moment", moment}};
  std::ranges::move(page_parameters(), std::back_inserter(parameters));
  return parameters;
}

}  // namespace

PageRequest read_page_request(http::Request& request) {
  QueryReader reader(request.query());
  auto wanted = read_page(request, reader);
  reader.finish();
  return wanted;
}

std::vector<Parameter> page_parameters() {
  using In = Parameter::In;
  return {
      {"limit",
       In::query,
       "Most jobs of one answer",
       {{"type", "integer"}, {"minimum", 1}, {"maximum", kMostJobs}, {"default", kDefaultLimit}}},
      {"cursor",
       In::query,
       "`next_cursor` of the answer before",
       {{"type", "string"}, {"pattern", kCursorPattern}}}};
}

nlohmann::ordered_json list_jobs(JobStore& jobs, PageRequest wanted) {
  if (wanted.cursor) go_on_behind(*wanted.cursor, jobs, wanted.query);
  const auto limit = wanted.query.limit++;  // one more tells whether there is a next page
  auto found = jobs.list(wanted.query);
  const bool more = std::ssize(found) > limit;
  if (more) found.pop_back();
  Json list = {{"jobs", Json::array()}, {"next_cursor", nullptr}};
  for (const auto& job : found) {
    if (!wanted.cursor || is_behind(job, *wanted.cursor)) list["jobs"].push_back(summary_of(job));
  }
  if (more) list["next_cursor"] = to_text(Cursor{found.back().created_at, found.back().id});
  return list;
}

void add_job_list_route(Routes& routes, Service& service) {
  const nlohmann::json example = {{"jobs", {example_summary()}}, {"next_cursor", nullptr}};
  routes.add(
      "GET", "/api/v1/jobs", handle_with(service, show_list),
      {.id = "list_jobs",
       .group = "Jobs",
       .summary = "List your jobs, newest first",
       .description = "Follow `next_cursor` until it is null: every job that was there at "
                      "the first call is shown once, whatever is submitted meanwhile.",
       .scope = "read",
       .parameters = filtered_parameters(),
       .answers = {{200, "The jobs", {{.schema = schema_ref("JobList"), .example = example}}}},
       .problems = {422}});
}

}  // namespace steno::api
