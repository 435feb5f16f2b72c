#include "api/jobs/job_view.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kWhole = 100;

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json or_null(const std::optional<Time>& time) {
  return time ? Json(to_iso8601(*time)) : Json(nullptr);
}

Json rounded(double value, double unit) { return std::round(value * unit) / unit; }

Json audio_of(const Job& job) {
  return {{"name", or_null(job.source.name)},
          {"bytes", job.source.bytes > 0 ? Json(job.source.bytes) : Json(nullptr)},
          {"seconds", job.audio_seconds > 0 ? rounded(job.audio_seconds, 1e3) : Json(nullptr)}};
}

Json error_of(const Job& job) {
  if (job.state != State::failed || !job.failure) return nullptr;
  return {{"code", job.failure->code}, {"message", job.failure->message}};
}

bool option_of(const Json& options, const char* name) {
  const auto found = options.find(name);
  return found == options.end() || !found->is_boolean() || found->get<bool>();
}

}  // namespace

Json object_in(std::string_view column) {
  auto value = Json::parse(column, nullptr, false);
  return value.is_object() ? value : Json(nullptr);
}

Json summary_of(const Job& job) {
  return {{"job_id", job.id},
          {"status", to_string(job.state)},
          {"type", job.type},
          {"created_at", to_iso8601(job.created_at)},
          {"updated_at", to_iso8601(job.updated_at)},
          {"started_at", or_null(job.started_at)},
          {"finished_at", or_null(job.finished_at)},
          {"progress", rounded(job.progress, 1e2)},
          {"stage", or_null(job.stage)},
          {"priority", job.priority},
          {"attempt", job.attempt},
          {"max_attempts", job.max_attempts},
          {"losses", job.losses},
          {"model", job.model},
          {"batch_id", or_null(job.batch_id)},
          {"recording_id", or_null(job.recording_id)},
          {"rerun_of", or_null(job.rerun_of)},
          {"metadata", object_in(job.metadata)},
          {"audio", audio_of(job)},
          {"warnings", job.warnings},
          {"error", error_of(job)},
          {"dead_letter", job.dead_letter}};
}

Json status_of(const Job& job, const JobDetails& details) {
  auto status = summary_of(job);
  const auto link = [&](std::string_view below) {
    return details.base_url + job_path(job.id, below);
  };
  status["audio"]["url"] = or_null(details.audio_url);
  status["queue_position"] = details.waiting ? Json(*details.waiting + 1) : Json(nullptr);
  status["estimated_seconds_left"] =
      details.seconds_left ? rounded(*details.seconds_left, 1e1) : Json(nullptr);
  status["links"] = {{"self", link("")}, {"events", link("/events")}, {"result", link("/result")}};
  return status;
}

std::optional<double> seconds_left(const Job& job) {
  if (job.state != State::processing || !job.started_at || job.progress <= 0) return std::nullopt;
  const std::chrono::duration<double> spent = job.updated_at - *job.started_at;
  return std::max(0.0, spent.count() * (kWhole - job.progress) / job.progress);
}

std::string job_path(std::string_view job_id, std::string_view below) {
  return "/api/v1/jobs/" + std::string(job_id) + std::string(below);
}

Shown shown_of(const Job& job) {
  const auto options = object_in(job.options);
  if (!options.is_object()) return {};
  const auto task = options.find("task");
  return {option_of(options, "word_timestamps"), option_of(options, "extra_data"),
          options.value("diarize", false),
          task != options.end() && task->is_string() ? task->get<std::string>() : Shown().task};
}

}  // namespace steno::api
