// GET /api/v1/batches/{batch_id}: how far the jobs of one submission are.

#include <nlohmann/json.hpp>
#include <numeric>

#include "api/core/errors.h"
#include "api/core/routes.h"

namespace steno::api {
namespace {

using nlohmann::json;

constexpr State kStates[] = {State::pending, State::processing, State::completed, State::failed,
                             State::cancelled};

http::Task<void> show(Service& service, http::Request& request, http::Responder& responder) {
  const std::string& id = request.parameter("batch_id");
  const std::string& owner = caller_of(request).owner;
  auto count = [&service, &id, &owner] { return service.services.jobs.count_batch(owner, id); };
  const auto counts = value_of(co_await http::offload(service.pool, count));
  json by_state = json::object();
  std::int64_t total = 0;
  std::int64_t ended = 0;
  for (const State state : kStates) {
    const std::int64_t jobs = counts.at(static_cast<size_t>(state));
    by_state[std::string(to_string(state))] = jobs;
    total += jobs;
    if (is_final(state)) ended += jobs;
  }
  const json body = {{"batch_id", id},
                     {"total", total},
                     {"counts", by_state},
                     {"done", ended == total},
                     {"jobs_url", "/api/v1/jobs?batch_id=" + id}};
  co_await responder.send(http::Response::json(200, body).with("Cache-Control", "no-store"));
}

json batch_schema() {
  json counts = json::object();
  for (const State state : kStates) {
    counts[std::string(to_string(state))] = json_of(R"({"type": "integer", "minimum": 0})");
  }
  auto schema = json_of(R"({
    "type": "object",
    "required": ["batch_id", "total", "counts", "done", "jobs_url"],
    "properties": {
      "batch_id": {"type": "string"},
      "total": {"type": "integer", "minimum": 1},
      "counts": {"type": "object"},
      "done": {"type": "boolean", "description": "Whether every job has ended"},
      "jobs_url": {"type": "string", "description": "URL of the list of its jobs"}
    }
  })");
  schema["properties"]["counts"]["properties"] = std::move(counts);
  return schema;
}

}  // namespace

void add_batch_routes(Routes& routes, Service& service) {
  routes.define("Batch", batch_schema());
  Operation operation;
  operation.id = "get_batch";
  operation.group = "Jobs";
  operation.summary = "Progress of a batch";
  operation.scope = "read";
  operation.parameters = {{"batch_id",
                           Parameter::In::path,
                           "The `batch_id` of the submission's answer",
                           {{"type", "string"}},
                           "bat_01kaxv6zj2q3m8v5t7w9y1b3d5",
                           true}};
  operation.answers = {
      {200, "Number of jobs in each state", {{"application/json", schema_ref("Batch"), json_of(R"({
           "batch_id": "bat_01kaxv6zj2q3m8v5t7w9y1b3d5",
           "total": 3,
           "counts": {"pending": 1, "processing": 1, "completed": 1, "failed": 0, "cancelled": 0},
           "done": false,
           "jobs_url": "/api/v1/jobs?batch_id=bat_01kaxv6zj2q3m8v5t7w9y1b3d5"
         })")}}}};
  operation.problems = {404};
  const http::Handler handler = [&service](http::Request& request, http::Responder& responder) {
    return show(service, request, responder);
  };
  routes.add("GET", "/api/v1/batches/{batch_id}", handler, std::move(operation));
}

}  // namespace steno::api
