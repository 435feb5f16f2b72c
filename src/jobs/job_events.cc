#include "jobs/job_events.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace steno {
namespace {

using Json = nlohmann::ordered_json;

Event make_event(const Job& job, Time now, const char* type, std::string data) {
  Event event;
  event.job_id = job.id;
  event.type = type;
  event.data = std::move(data);
  event.at = now;
  return event;
}

std::string line(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json percent(double progress) { return std::round(progress * 10) / 10; }

Json object_of(const Failure& failure) {
  return {{"code", failure.code}, {"message", failure.message}};
}

}  // namespace

Event status_event(const Job& job, Time now, const Failure* cause) {
  Json data = {{"status", to_string(job.state)},
               {"stage", job.stage},
               {"progress", percent(job.progress)},
               {"attempt", job.attempt}};
  if (cause != nullptr) data["error"] = object_of(*cause);
  return make_event(job, now, "status", line(data));
}

Event progress_event(const Job& job, Time now) {
  const Json data = {{"stage", job.stage}, {"progress", percent(job.progress)}};
  return make_event(job, now, "progress", line(data));
}

Event segment_event(const Job& job, Time now, std::string_view segment, size_t index) {
  const Json given = Json::parse(segment, nullptr, false);
  if (!given.is_object()) throw std::invalid_argument("a segment is a JSON object");
  Json data = {{"index", index}};
  data.update(given);
  return make_event(job, now, "segment", line(data));
}

Event end_event(const Job& job, Time now) {
  Json data = {{"status", to_string(job.state)}};
  if (job.failure) data["error"] = object_of(*job.failure);
  return make_event(job, now, "end", line(data));
}

}  // namespace steno
