#include <limits>
#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "domain/audit_entry.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDefaultEntries = 100;
constexpr int kMostEntries = 1000;

Json view_of(const AuditEntry& entry) {
  return {{"id", entry.id},         {"at", to_iso8601(entry.at)},    {"actor", entry.actor},
          {"action", entry.action}, {"subject", entry.subject},      {"address", entry.address},
          {"result", entry.result}, {"request_id", entry.request_id}};
}

http::Task<void> show_audit(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader reader(request.query());
  const auto before =
      reader.integer("before", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
  const auto limit =
      static_cast<int>(reader.integer("limit", 1, kMostEntries).value_or(kDefaultEntries));
  reader.finish();
  auto read = [&] { return service.services.audit.list(before, limit + 1); };
  auto entries = co_await http::offload(service.pool, read);
  const bool more = std::ssize(entries) > limit;
  if (more) entries.pop_back();
  Json list = {{"entries", Json::array()},
               {"next_before", more ? Json(entries.back().id) : Json(nullptr)}};
  for (const auto& entry : entries) list["entries"].push_back(view_of(entry));
  co_await responder.send(json_answer(200, list));
}

nlohmann::json audit_schema() {
  return json_of(R"({
    "type": "object",
    "properties": {
      "entries": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "id": {"type": "integer", "minimum": 1},
            "at": {"type": "string", "format": "date-time"},
            "actor": {
              "type": "string", "description": "A key's id, \"local\" or \"service\""
            },
            "action": {"type": "string"},
            "subject": {"type": "string"},
            "address": {"type": "string"},
            "result": {"type": "string", "description": "\"ok\", or the code of a problem"},
            "request_id": {"type": "string"}
          },
          "required": [
            "id", "at", "actor", "action", "subject", "address", "result", "request_id"
          ]
        }
      },
      "next_before": {"type": ["integer", "null"], "minimum": 1}
    },
    "required": ["entries", "next_before"]
  })");
}

Operation audit_operation() {
  using In = Parameter::In;
  const nlohmann::json example = json_of(R"({
    "entries": [
      {
        "id": 4711,
        "at": "2026-11-25T18:03:07.123Z",
        "actor": "key_01k3q8n0vt4m9c2x7h5r6w8y1z",
        "action": "job.cancel",
        "subject": "job_01k3q8n0vt4m9c2x7h5r6w8y1z",
        "address": "192.0.2.7",
        "result": "ok",
        "request_id": "5f0c6b1e9d"
      }
    ],
    "next_before": null
  })");
  return {.id = "list_audit",
          .group = "Audit",
          .summary = "Audit log, newest entries first",
          .description = "Follow `next_before` until it is null.",
          .scope = "admin",
          .parameters = {{"before",
                          In::query,
                          "`next_before` of the previous answer",
                          {{"type", "integer"},
                           {"minimum", 1},
                           {"maximum", std::numeric_limits<std::int64_t>::max()}}},
                         {"limit",
                          In::query,
                          "Most entries per answer",
                          {{"type", "integer"},
                           {"minimum", 1},
                           {"maximum", kMostEntries},
                           {"default", kDefaultEntries}}}},
          .answers = {{200, "The entries", {{.schema = audit_schema(), .example = example}}}},
          .problems = {422}};
}

}  // namespace

void add_audit_route(Routes& routes, Service& service) {
  routes.add("GET", "/api/v1/audit", handle_with(service, show_audit), audit_operation());
}

}  // namespace steno::api
