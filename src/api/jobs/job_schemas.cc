#include <nlohmann/json.hpp>

#include "api/jobs/job_routes.h"

namespace steno::api {
namespace {

using Schema = nlohmann::json;

constexpr const char* kExampleId = "job_01k3q8n0vt4m9c2x7h5r6w8y1z";

Schema text() { return {{"type", "string"}}; }
Schema text_or_null() { return {{"type", {"string", "null"}}}; }
Schema moment() { return {{"type", "string"}, {"format", "date-time"}}; }
Schema moment_or_null() { return {{"type", {"string", "null"}}, {"format", "date-time"}}; }
Schema number_or_null() { return {{"type", {"number", "null"}}, {"minimum", 0}}; }
Schema integer() { return {{"type", "integer"}, {"minimum", 0}}; }
Schema integer_or_null() { return {{"type", {"integer", "null"}}, {"minimum", 0}}; }
Schema flag() { return {{"type", "boolean"}}; }
Schema texts() { return {{"type", "array"}, {"items", text()}}; }

Schema described(Schema schema, const char* description) {
  schema["description"] = description;
  return schema;
}

Schema state() {
  return {{"type", "string"},
          {"enum", {"pending", "processing", "completed", "failed", "cancelled"}}};
}

/// An object in which all of `properties` are required.
Schema object_with(Schema properties) {
  Schema names = Schema::array();
  for (const auto& [name, schema] : properties.items()) names.push_back(name);
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", names}};
}

Schema audio() {
  return object_with({{"name", described(text_or_null(), "File name as given")},
                      {"bytes", described(integer_or_null(), "Null if unknown")},
                      {"seconds", described(number_or_null(), "Null if unknown")}});
}

Schema error_or_null() {
  auto schema = object_with({{"code", text()}, {"message", text()}});
  schema["type"] = {"object", "null"};
  return described(std::move(schema), "Why the job failed");
}

Schema summary_properties() {
  return {
      {"job_id", text()},
      {"status", state()},
      {"type", text()},
      {"created_at", moment()},
      {"updated_at", moment()},
      {"started_at", described(moment_or_null(), "Start of the last attempt")},
      {"finished_at", moment_or_null()},
      {"progress", {{"type", "number"}, {"minimum", 0}, {"maximum", 100}}},
      {"stage", text_or_null()},
      {"priority", {{"type", "integer"}, {"minimum", 0}, {"maximum", 9}}},
      {"attempt", described(integer(), "Attempts begun")},
      {"max_attempts", integer()},
      {"losses",
       described(integer(), "Attempts that were lost with their worker; not included in attempt")},
      {"model", text()},
      {"batch_id", text_or_null()},
      {"recording_id", text_or_null()},
      {"rerun_of", described(text_or_null(), "The job whose stage outputs this one uses")},
      {"metadata", described({{"type", {"object", "null"}}}, "As given")},
      {"audio", audio()},
      {"warnings", texts()},
      {"error", error_or_null()},
      {"dead_letter", described(flag(), "Failed in all attempts; listed in the dead letters")},
  };
}

Schema status_schema() {
  auto properties = summary_properties();
  properties["audio"]["properties"]["url"] = described(
      text_or_null(), "Signed link to the recording, valid for a limited time without a key");
  properties["queue_position"] = described(integer_or_null(), "While waiting; 1 is next");
  properties["estimated_seconds_left"] = described(number_or_null(), "Null if unknown");
  properties["links"] = object_with({{"self", text()}, {"events", text()}, {"result", text()}});
  auto schema = object_with(std::move(properties));
  schema["properties"]["result_url"] = described(text(), "Present if the job is completed");
  schema["properties"]["result"] =
      described({{"type", "object"}},
                "The transcript, if the job is completed and the transcript is smaller than 1 MiB");
  return schema;
}

}  // namespace

void define_job_schemas(Routes& routes) {
  routes.define("JobSummary", object_with(summary_properties()));
  routes.define("Job", status_schema());
  routes.define("JobList",
                object_with({{"jobs", {{"type", "array"}, {"items", schema_ref("JobSummary")}}},
                             {"next_cursor", text_or_null()}}));
  routes.define("JobChanged",
                object_with({{"job_id", text()}, {"status", state()}, {"message", text()}}));
}

Parameter job_id_parameter() {
  return {.name = "job_id",
          .in = Parameter::In::path,
          .description = "The job's id",
          .example = kExampleId,
          .required = true};
}

nlohmann::json example_summary() {
  return {{"job_id", kExampleId},
          {"status", "processing"},
          {"type", "transcription"},
          {"created_at", "2026-11-25T18:03:07.123Z"},
          {"updated_at", "2026-11-25T18:03:12.480Z"},
          {"started_at", "2026-11-25T18:03:07.160Z"},
          {"finished_at", nullptr},
          {"progress", 42.5},
          {"stage", "transcribing"},
          {"priority", 5},
          {"attempt", 1},
          {"max_attempts", 3},
          {"losses", 0},
          {"model", "base"},
          {"batch_id", nullptr},
          {"recording_id", "call-4711"},
          {"rerun_of", nullptr},
          {"metadata", {{"team", "support"}}},
          {"audio", {{"name", "call.wav"}, {"bytes", 1048620}, {"seconds", nullptr}}},
          {"warnings", nlohmann::json::array()},
          {"error", nullptr},
          {"dead_letter", false}};
}

nlohmann::json example_status() {
  const std::string base = "https://steno.example/api/v1/jobs/" + std::string(kExampleId);
  auto job = example_summary();
  job["audio"]["url"] = base + "/audio?expires=1796151600&signature=5f1c…";
  job["queue_position"] = nullptr;
  job["estimated_seconds_left"] = 7.2;
  job["links"] = {{"self", base}, {"events", base + "/events"}, {"result", base + "/result"}};
  return job;
}

}  // namespace steno::api
