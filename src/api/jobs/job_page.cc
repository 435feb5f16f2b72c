#include "api/jobs/job_page.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/core/answers.h"
#include "api/jobs/job_routes.h"
#include "api/jobs/job_view.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDefaultLimit = 50;
constexpr int kMostJobs = 200;
constexpr std::array<std::string_view, 5> kStateNames = {"pending", "processing", "completed",
                                                         "failed", "cancelled"};

std::optional<service::Cursor> cursor_of(QueryReader& reader) {
  const auto text = reader.text("cursor");
  if (!text) return std::nullopt;
  auto cursor = service::parse_cursor(*text);
  if (cursor) return std::move(*cursor);
  reader.complain("invalid_cursor", "cursor", cursor.error().message);
  return std::nullopt;
}

service::PageRequest read_page(http::Request& request, QueryReader& reader) {
  service::PageRequest wanted;
  wanted.query.owner = caller_of(request).owner;
  wanted.query.limit =
      static_cast<int>(reader.integer("limit", 1, kMostJobs).value_or(kDefaultLimit));
  wanted.cursor = cursor_of(reader);
  return wanted;
}

service::PageRequest read_filtered_request(http::Request& request) {
  QueryReader reader(request.query());
  auto wanted = read_page(request, reader);
  auto& query = wanted.query;
  if (const auto state = reader.choice("status", kStateNames)) query.state = parse_state(*state);
  query.type = reader.text("type");
  query.recording_id = reader.text("recording_id");
  query.batch_id = reader.text("batch_id");
  query.dead_letter = reader.flag("dead_letter");
  query.created_after = reader.time("created_after");
  query.created_before = reader.time("created_before");
  reader.finish();
  return wanted;
}

http::Task<void> list_jobs(Service& service, http::Request& request, http::Responder& responder) {
  co_await send_page(service, read_filtered_request(request), responder);
}

nlohmann::json text_schema() { return {{"type", "string"}, {"minLength", 1}, {"maxLength", 256}}; }

std::vector<Parameter> filtered_parameters() {
  using In = Parameter::In;
  const nlohmann::json moment = {{"type", "string"}, {"format", "date-time"}};
  std::vector<Parameter> parameters = {
      {"status", In::query, "Only jobs in this state", {{"type", "string"}, {"enum", kStateNames}}},
      {"type", In::query, "Only jobs of this type", text_schema(), "transcription"},
      {"recording_id", In::query, "Only jobs of this recording", text_schema()},
      {"batch_id", In::query, "Only jobs of this batch", text_schema()},
      {"dead_letter",
       In::query,
       "Only dead letters (true), or only other jobs (false)",
       {{"type", "boolean"}}},
      {"created_after", In::query, "Only jobs submitted after this time", moment},
      {"created_before", In::query, "Only jobs submitted before this time", moment}};
  std::ranges::move(page_parameters(), std::back_inserter(parameters));
  return parameters;
}

}  // namespace

service::PageRequest read_page_request(http::Request& request) {
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
       "Most jobs per answer",
       {{"type", "integer"}, {"minimum", 1}, {"maximum", kMostJobs}, {"default", kDefaultLimit}}},
      {"cursor",
       In::query,
       "`next_cursor` of the previous answer",
       {{"type", "string"}, {"pattern", service::kCursorPattern}}}};
}

http::Task<void> send_page(Service& service, service::PageRequest wanted,
                           http::Responder& responder) {
  auto read = [&] { return service.services.jobs.list(std::move(wanted)); };
  const auto page = co_await http::offload(service.pool, read);
  Json list = {{"jobs", Json::array()},
               {"next_cursor", page.next ? Json(to_text(*page.next)) : Json(nullptr)}};
  for (const auto& job : page.jobs) list["jobs"].push_back(summary_of(job));
  co_await responder.send(json_answer(200, list));
}

void add_job_list_route(Routes& routes, Service& service) {
  const nlohmann::json example = {{"jobs", {example_summary()}}, {"next_cursor", nullptr}};
  routes.add(
      "GET", "/api/v1/jobs", handle_with(service, list_jobs),
      {.id = "list_jobs",
       .group = "Jobs",
       .summary = "List your jobs, newest first",
       .description = "Follow `next_cursor` until it is null. Every job that existed at the first "
                      "call is listed once, even if jobs are submitted in the meantime.",
       .scope = "read",
       .parameters = filtered_parameters(),
       .answers = {{200, "The jobs", {{.schema = schema_ref("JobList"), .example = example}}}},
       .problems = {422}});
}

}  // namespace steno::api
