#include "api/system/job_metrics.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "api/jobs/event_hub.h"

namespace steno::api {
namespace {

nlohmann::json object_of(const Event& event) {
  auto object = nlohmann::json::parse(event.data, nullptr, false);
  return object.is_object() ? object : nlohmann::json::object();
}

double seconds_between(Time from, Time to) {  // wall time may have been set back
  return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

}  // namespace

void JobMetrics::on_event(const Event& event) {
  if (event.type == kEndEvent) {
    count_end(event);
    leave_stage(event);
  } else if (event.type == "status" || event.type == "progress") {
    enter_stage(event);
  }
}

void JobMetrics::enter_stage(const Event& event) {
  const auto data = object_of(event);
  const auto stage = data.value("stage", "");
  const bool waits = data.value("status", "") == to_string(State::pending);
  const auto known = stages_.find(event.job_id);
  if (known != stages_.end() && known->second.name == stage && !waits) return;
  leave_stage(event);
  const bool ends = is_final(parse_state(data.value("status", "")).value_or(State::processing));
  if (!waits && !ends && !stage.empty()) stages_[event.job_id] = {stage, event.at};
}

void JobMetrics::leave_stage(const Event& event) {
  const auto known = stages_.find(event.job_id);
  if (known == stages_.end()) return;
  metrics_.stage_ended(known->second.name, seconds_between(known->second.since, event.at));
  stages_.erase(known);
}

void JobMetrics::count_end(const Event& event) {
  const auto job = jobs_.find(event.job_id).value_or(Job{});
  const auto data = object_of(event);
  const auto state = data.value("status", "");
  const bool has_failed = state == to_string(State::failed);
  const auto cause =
      data.value(nlohmann::json::json_pointer(has_failed ? "/error/code" : "/none"), "none");
  EndedJob ended{.state = state, .cause = cause};
  if (!job.id.empty()) ended.seconds = seconds_between(job.created_at, event.at);
  if (job.started_at) ended.work_seconds = seconds_between(*job.started_at, event.at);
  ended.audio_seconds = job.audio_seconds;
  metrics_.job_ended(ended);
}

}  // namespace steno::api
