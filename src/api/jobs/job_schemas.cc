#include <nlohmann/json.hpp>

#include "api/jobs/job_routes.h"

namespace steno::api {
namespace {

using Schema = nlohmann::json;

constexpr const char* kExampleId = "job_01k3q8n0vt4m9c2x7h5r6w8y1z";

/// An object in which all of `properties` are required.
Schema object_with(Schema properties) {
  Schema names = Schema::array();
  for (const auto& [name, schema] : properties.items()) names.push_back(name);
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", names}};
}

Schema audio() {
  return object_with(json_of(R"({
    "name": {"type": ["string", "null"], "description": "File name as given"},
    "bytes": {"type": ["integer", "null"], "minimum": 0, "description": "Null if unknown"},
    "seconds": {"type": ["number", "null"], "minimum": 0, "description": "Null if unknown"}
  })"));
}

Schema error_or_null() {
  return json_of(R"({
    "type": ["object", "null"],
    "description": "Why the job failed",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["code", "message"]
  })");
}

Schema summary_properties() {
  auto properties = json_of(R"({
    "job_id": {"type": "string"},
    "status": {
      "type": "string", "enum": ["pending", "processing", "completed", "failed", "cancelled"]
    },
    "type": {"type": "string"},
    "created_at": {"type": "string", "format": "date-time"},
    "updated_at": {"type": "string", "format": "date-time"},
    "started_at": {
      "type": ["string", "null"],
      "format": "date-time",
      "description": "Start of the last attempt"
    },
    "finished_at": {"type": ["string", "null"], "format": "date-time"},
    "progress": {"type": "number", "minimum": 0, "maximum": 100},
    "stage": {"type": ["string", "null"]},
    "priority": {"type": "integer", "minimum": 0, "maximum": 9},
    "attempt": {"type": "integer", "minimum": 0, "description": "Attempts begun"},
    "max_attempts": {"type": "integer", "minimum": 0},
    "losses": {
      "type": "integer",
      "minimum": 0,
      "description": "Attempts that were lost with their worker; not included in attempt"
    },
    "model": {"type": "string"},
    "batch_id": {"type": ["string", "null"]},
    "recording_id": {"type": ["string", "null"]},
    "rerun_of": {
      "type": ["string", "null"],
      "description": "The job whose stage outputs this one uses"
    },
    "metadata": {"type": ["object", "null"], "description": "As given"},
    "warnings": {"type": "array", "items": {"type": "string"}},
    "dead_letter": {
      "type": "boolean",
      "description": "Failed in all attempts; listed in the dead letters"
    }
  })");
  properties["audio"] = audio();
  properties["error"] = error_or_null();
  return properties;
}

Schema status_schema() {
  auto properties = summary_properties();
  properties.update(json_of(R"({
    "queue_position": {
      "type": ["integer", "null"], "minimum": 0, "description": "While waiting; 1 is next"
    },
    "estimated_seconds_left": {
      "type": ["number", "null"], "minimum": 0, "description": "Null if unknown"
    }
  })"));
  properties["audio"]["properties"]["url"] = json_of(R"({
    "type": ["string", "null"],
    "description": "Signed link to the recording, valid for a limited time without a key"
  })");
  properties["links"] = object_with(json_of(R"({
    "self": {"type": "string"}, "events": {"type": "string"}, "result": {"type": "string"}
  })"));
  auto schema = object_with(std::move(properties));
  schema["properties"].update(json_of(R"({
    "result_url": {"type": "string", "description": "Present if the job is completed"},
    "result": {
      "type": "object",
      "description":
        "The transcript, if the job is completed and the transcript is smaller than 1 MiB"
    }
  })"));
  return schema;
}

}  // namespace

void define_job_schemas(Routes& routes) {
  routes.define("JobSummary", object_with(summary_properties()));
  routes.define("Job", status_schema());
  routes.define("JobList", object_with(json_of(R"({
                  "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/JobSummary"}},
                  "next_cursor": {"type": ["string", "null"]}
                })")));
  auto changed = json_of(R"({"job_id": {"type": "string"}, "message": {"type": "string"}})");
  changed["status"] = summary_properties()["status"];
  routes.define("JobChanged", object_with(std::move(changed)));
}

Parameter job_id_parameter() {
  return {.name = "job_id",
          .in = Parameter::In::path,
          .description = "The job's id",
          .example = kExampleId,
          .required = true};
}

nlohmann::json example_summary() {
  return json_of(R"({
    "job_id": "job_01k3q8n0vt4m9c2x7h5r6w8y1z",
    "status": "processing",
    "type": "transcription",
    "created_at": "2026-11-25T18:03:07.123Z",
    "updated_at": "2026-11-25T18:03:12.480Z",
    "started_at": "2026-11-25T18:03:07.160Z",
    "finished_at": null,
    "progress": 42.5,
    "stage": "transcribing",
    "priority": 5,
    "attempt": 1,
    "max_attempts": 3,
    "losses": 0,
    "model": "base",
    "batch_id": null,
    "recording_id": "call-4711",
    "rerun_of": null,
    "metadata": {"team": "support"},
    "audio": {"name": "call.wav", "bytes": 1048620, "seconds": null},
    "warnings": [],
    "error": null,
    "dead_letter": false
  })");
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
