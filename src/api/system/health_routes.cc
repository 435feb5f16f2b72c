#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

http::Response uncached(http::Response response) {
  return std::move(response).with("Cache-Control", "no-store");
}

http::Task<void> show_health(Service&, http::Request&, http::Responder& responder) {
  const Json health = {{"status", "ok"}, {"service", "steno"}, {"version", STENO_VERSION}};
  co_await responder.send(uncached(json_answer(200, health)));
}

http::Task<void> show_live(Service&, http::Request&, http::Responder& responder) {
  const Json live = {{"status", "ok"}};
  co_await responder.send(uncached(json_answer(200, live)));
}

http::Response ready_answer(const std::vector<service::ReadyCheck>& checks) {
  const bool is_ready = std::ranges::all_of(checks, &service::ReadyCheck::ok);
  Json answer = {{"status", is_ready ? "ready" : "not_ready"}, {"checks", Json::array()}};
  for (const auto& check : checks) {
    answer["checks"].push_back(
        {{"name", check.name},
         {"ok", check.ok()},
         {"reason", check.reason.empty() ? Json(nullptr) : Json(check.reason)}});
  }
  return uncached(json_answer(is_ready ? 200 : 503, answer));
}

http::Task<void> show_ready(Service& service, http::Request&, http::Responder& responder) {
  auto check = [&service] { return service.services.readiness.checks(); };
  const auto checks = co_await http::offload(service.pool, check);
  co_await responder.send(ready_answer(checks));
}

/// Reads the gauges of the queue and its workers; called when metrics are requested.
void refresh_queue(Service& service) {
  const auto now = service.clock.now();
  std::vector<QueuedJobs> queue;
  for (const auto& depth : service.services.jobs.depths()) {
    const std::chrono::duration<double> age = now - depth.oldest.value_or(now);
    queue.push_back(
        {depth.priority, static_cast<std::uint64_t>(depth.waiting), std::max(0.0, age.count())});
  }
  service.metrics.set_queue(queue);
  if (service.measure_workers) service.measure_workers(service.metrics);
}

http::Task<void> show_metrics(Service& service, http::Request&, http::Responder& responder) {
  auto read = [&service] {
    try {
      refresh_queue(service);
    } catch (const StoreError& error) {  // the other metrics are wanted most then
      service.log.warning("the queue cannot be read", {{"error", error.what()}});
    }
    return service.metrics.text();
  };
  auto text = co_await http::offload(service.pool, read);
  co_await responder.send(
      uncached(http::Response::of("text/plain; version=0.0.4; charset=utf-8", std::move(text))));
}

Operation health_operation() {
  auto example = json_of(R"({"status": "ok", "service": "steno"})");
  example["version"] = STENO_VERSION;
  const auto schema = json_of(R"({
    "type": "object",
    "properties": {
      "status": {"type": "string"},
      "service": {"type": "string"},
      "version": {"type": "string"}
    },
    "required": ["status", "service", "version"]
  })");
  return {.id = "get_health",
          .group = "Service",
          .summary = "Whether the service answers, and its version",
          .description = "",
          .scope = "",
          .answers = {{200, "It answers", {{.schema = schema, .example = example}}}}};
}

Operation live_operation() {
  const auto schema = json_of(R"({
    "type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]
  })");
  return {.id = "get_live",
          .group = "Service",
          .summary = "Whether the process is running",
          .description = "",
          .scope = "",
          .answers = {
              {200, "It lives", {{.schema = schema, .example = json_of(R"({"status": "ok"})")}}}}};
}

Operation ready_operation() {
  const auto schema = json_of(R"({
    "type": "object",
    "properties": {
      "status": {"type": "string", "enum": ["ready", "not_ready"]},
      "checks": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "name": {"type": "string"},
            "ok": {"type": "boolean"},
            "reason": {"type": ["string", "null"]}
          },
          "required": ["name", "ok", "reason"]
        }
      }
    },
    "required": ["status", "checks"]
  })");
  const auto ready = json_of(R"({
    "status": "ready",
    "checks": [{"name": "database", "ok": true, "reason": null}]
  })");
  const auto not_ready = json_of(R"({
    "status": "not_ready",
    "checks": [
      {"name": "database", "ok": true, "reason": null},
      {"name": "storage", "ok": false, "reason": "the disk is full"}
    ]
  })");
  return {.id = "get_ready",
          .group = "Service",
          .summary = "Whether jobs can be accepted and processed",
          .description =
              "The checks run at most once a second. A check that is `ok` and has a "
              "`reason` is a warning for the operator.",
          .scope = "",
          .answers = {{200, "They can", {{.schema = schema, .example = ready}}},
                      {503,
                       "Not ready; the answer has the reasons",
                       {{.schema = schema, .example = not_ready}}}}};
}

Operation metrics_operation() {
  return {.id = "get_metrics",
          .group = "Service",
          .summary = "Metrics for Prometheus",
          .description = "",
          .scope = "metrics",
          .answers = {{200,
                       "Prometheus' text format, version 0.0.4",
                       {{.media_type = "text/plain", .schema = {{"type", "string"}}}}}}};
}

}  // namespace

void add_health_routes(Routes& routes, Service& service) {
  routes.add("GET", "/health", handle_with(service, show_health), health_operation());
  routes.add("GET", "/health/live", handle_with(service, show_live), live_operation());
  routes.add("GET", "/health/ready", handle_with(service, show_ready), ready_operation());
  routes.add("GET", "/metrics", handle_with(service, show_metrics), metrics_operation());
}

}  // namespace steno::api
