#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "http/characters.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kDayLength = 10;
constexpr std::chrono::days kDefaultDays{30};
constexpr std::array<std::string_view, 2> kFormats = {"json", "csv"};
constexpr std::array<std::string_view, 2> kOwners = {"own", "all"};

std::string day_of(Time time) { return to_iso8601(time).substr(0, kDayLength); }

struct UsageRequest {
  service::UsageQuery query;
  bool as_csv = false;
};

/// Whether the client accepts csv and does not accept JSON.
bool prefers_csv(const http::Request& request) {
  bool csv = false;
  bool json = false;
  http::for_each_element(request.headers().joined("Accept"), [&](std::string_view element) {
    const auto type = http::trim(element.substr(0, element.find(';')));
    csv = csv || http::equal_ignoring_case(type, "text/csv");
    json = json || http::equal_ignoring_case(type, "application/json");
  });
  return csv && !json;
}

UsageRequest read_request(Service& service, http::Request& request) {
  const auto now = service.clock.now();
  QueryReader reader(request.query());
  UsageRequest wanted;
  wanted.query.last_day = reader.day("to").value_or(day_of(now));
  wanted.query.first_day = reader.day("from").value_or(day_of(now - kDefaultDays));
  const auto format = reader.choice("format", kFormats);
  wanted.as_csv = format ? *format == "csv" : prefers_csv(request);
  if (reader.choice("owner", kOwners) == "all") {
    wanted.query.owners = service::UsageQuery::Owners::all;
  }
  reader.finish();
  return wanted;
}

Json view_of(const Usage& usage) {
  return {{"day", usage.day},
          {"owner", usage.owner},
          {"key_id", usage.key_id},
          {"jobs", usage.jobs},
          {"failures", usage.failures},
          {"bytes", usage.bytes},
          {"audio_seconds", usage.audio_seconds},
          {"compute_seconds", usage.compute_seconds}};
}

/// As RFC 4180 quotes it, and so that no spreadsheet takes it for a formula.
std::string csv_text(std::string_view text) {
  std::string quoted = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    quoted += '\'';
  }
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_of(const std::vector<Usage>& rows) {
  std::string csv = "day,owner,key_id,jobs,failures,bytes,audio_seconds,compute_seconds\r\n";
  for (const auto& row : rows) {
    csv += row.day + "," + csv_text(row.owner) + "," + csv_text(row.key_id) + "," +
           std::to_string(row.jobs) + "," + std::to_string(row.failures) + "," +
           std::to_string(row.bytes) + "," + Json(row.audio_seconds).dump() + "," +
           Json(row.compute_seconds).dump() + "\r\n";
  }
  return csv;
}

http::Response usage_answer(const UsageRequest& wanted, const std::vector<Usage>& rows) {
  const auto& query = wanted.query;
  if (wanted.as_csv) {
    return http::Response::of("text/csv; charset=utf-8", csv_of(rows))
        .with("Cache-Control", "private, no-cache")
        .with("Vary", "Accept")
        .with("Content-Disposition", http::content_disposition(http::Disposition::attachment,
                                                               "usage-" + query.first_day + "-" +
                                                                   query.last_day + ".csv"));
  }
  Json usage = {{"from", query.first_day}, {"to", query.last_day}, {"usage", Json::array()}};
  for (const auto& row : rows) usage["usage"].push_back(view_of(row));
  return json_answer(200, usage).with("Vary", "Accept");
}

http::Task<void> show_usage(Service& service, http::Request& request, http::Responder& responder) {
  const auto wanted = read_request(service, request);
  auto read = [&] { return service.services.usage.list(caller_of(request), wanted.query); };
  const auto rows = value_of(co_await http::offload(service.pool, read));
  co_await responder.send(usage_answer(wanted, rows));
}

nlohmann::json usage_schema() {
  return json_of(R"({
    "type": "object",
    "properties": {
      "from": {"type": "string", "format": "date"},
      "to": {"type": "string", "format": "date"},
      "usage": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "day": {"type": "string", "format": "date"},
            "owner": {"type": "string"},
            "key_id": {"type": "string"},
            "jobs": {"type": "integer", "minimum": 0},
            "failures": {"type": "integer", "minimum": 0},
            "bytes": {"type": "integer", "minimum": 0},
            "audio_seconds": {"type": "number", "minimum": 0},
            "compute_seconds": {"type": "number", "minimum": 0}
          },
          "required": [
            "day", "owner", "key_id", "jobs", "failures", "bytes", "audio_seconds",
            "compute_seconds"
          ]
        }
      }
    },
    "required": ["from", "to", "usage"]
  })");
}

Operation usage_operation() {
  using In = Parameter::In;
  const nlohmann::json day = json_of(R"({"type": "string", "format": "date"})");
  const nlohmann::json example = json_of(R"({
    "from": "2026-11-01",
    "to": "2026-11-30",
    "usage": [
      {
        "day": "2026-11-25",
        "owner": "owner_01k3q8n0vt0y7e4g2s6d8f9a3b",
        "key_id": "key_01k3q8n0vt4m9c2x7h5r6w8y1z",
        "jobs": 12,
        "failures": 1,
        "bytes": 10485760,
        "audio_seconds": 5400.5,
        "compute_seconds": 312.25
      }
    ]
  })");
  return {
      .id = "get_usage",
      .group = "Usage",
      .summary = "Usage by day (UTC) and key",
      .description = "Covers your own keys; with `owner=all` and the scope admin, all keys.",
      .scope = "read",
      .parameters = {{"from", In::query, "First day; default: 30 days ago", day, "2026-11-01"},
                     {"to", In::query, "Last day; default: today", day, "2026-11-30"},
                     {"format",
                      In::query,
                      "Format of the answer; default: csv for `Accept: text/csv`, otherwise json",
                      {{"type", "string"}, {"enum", kFormats}}},
                     {"owner",
                      In::query,
                      "Whose usage",
                      {{"type", "string"}, {"enum", kOwners}, {"default", "own"}}}},
      .answers = {{200,
                   "The usage",
                   {{.schema = usage_schema(), .example = example},
                    {.media_type = "text/csv", .schema = {{"type", "string"}}}}}},
      .problems = {422}};
}

}  // namespace

void add_usage_routes(Routes& routes, Service& service) {
  routes.add("GET", "/api/v1/usage", handle_with(service, show_usage), usage_operation());
}

}  // namespace steno::api
