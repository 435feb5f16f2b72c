#include "client/wire.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "transcript/json.h"

namespace steno::client {
namespace {

// Keeps the order of members for the output of whole objects.
using Json = nlohmann::ordered_json;

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

template <class Number>
std::optional<Number> number_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<Number>();
}

// The member if it is an object, otherwise an empty object.
Json object_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : Json::object();
}

JobInfo job_of(const Json& object) {
  JobInfo job;
  job.id = object.at("job_id").get<std::string>();
  job.status = object.at("status").get<std::string>();
  job.stage = text_of(object, "stage");
  job.progress = number_in<double>(object, "progress").value_or(0);
  job.created_at = text_of(object, "created_at");
  job.started_at = text_of(object, "started_at");
  job.finished_at = text_of(object, "finished_at");
  job.priority = number_in<int>(object, "priority").value_or(0);
  job.attempt = number_in<int>(object, "attempt").value_or(0);
  job.max_attempts = number_in<int>(object, "max_attempts").value_or(0);
  job.model = text_of(object, "model");
  job.recording_id = text_of(object, "recording_id");
  job.batch_id = text_of(object, "batch_id");
  const Json audio = object_in(object, "audio");
  job.audio_name = text_of(audio, "name");
  job.audio_seconds = number_in<double>(audio, "seconds");
  job.queue_position = number_in<int>(object, "queue_position");
  job.seconds_left = number_in<double>(object, "estimated_seconds_left");
  if (const auto warnings = object.find("warnings"); warnings != object.end()) {
    job.warnings = warnings->get<std::vector<std::string>>();
  }
  const Json error = object_in(object, "error");
  job.error_code = text_of(error, "code");
  job.error = text_of(error, "message");
  job.json = object.dump(-1, ' ', false, Json::error_handler_t::replace);
  return job;
}

/// Parses the document with `read`. Fails if it is not valid.
template <class Read>
auto parsed(std::string_view json, const Read& read) -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(json));
  } catch (const Json::exception&) {
    return fail(Errc::unavailable, "the service's answer cannot be understood");
  }
}

}  // namespace

Result<JobInfo> parse_job(std::string_view json) { return parsed(json, job_of); }

Result<JobPage> parse_page(std::string_view json) {
  return parsed(json, [](const Json& object) {
    JobPage page;
    for (const Json& job : object.at("jobs")) page.jobs.push_back(job_of(job));
    page.next_cursor = text_of(object, "next_cursor");
    return page;
  });
}

Result<std::string> parse_submitted(std::string_view json) {
  return parsed(json, [](const Json& object) { return object.at("job_id").get<std::string>(); });
}

Result<JobProgress> parse_progress(std::string_view json) {
  return parsed(json, [](const Json& object) {
    return JobProgress{text_of(object, "status"), text_of(object, "stage"),
                       number_in<double>(object, "progress").value_or(0)};
  });
}

Result<JobEnd> parse_end(std::string_view json) {
  return parsed(json, [](const Json& object) {
    return JobEnd{object.at("status").get<std::string>(),
                  text_of(object_in(object, "error"), "message")};
  });
}

Result<NumberedSegment> parse_segment_event(std::string_view json) {
  const auto index =
      parsed(json, [](const Json& object) { return object.at("index").get<std::size_t>(); });
  if (!index) return tl::unexpected(index.error());
  auto segment = parse_segment(json);
  if (!segment) return fail(Errc::unavailable, "the service's answer cannot be understood");
  return NumberedSegment{*index, *std::move(segment)};
}

}  // namespace steno::client
