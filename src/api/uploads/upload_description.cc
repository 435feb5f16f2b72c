#include "api/uploads/upload_description.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/uploads/tus.h"
#include "base/base64.h"
#include "domain/upload.h"

namespace steno::api {
namespace {

using nlohmann::json;

constexpr const char* kId = "upl_01kaxv6zj2q3m8v5t7w9y1b3d5";

Parameter header(std::string name, std::string description, json schema) {
  return {std::move(name), Parameter::In::header, std::move(description), std::move(schema)};
}

json whole(int least) { return {{"type", "integer"}, {"minimum", least}}; }

Parameter version(bool required) {
  Parameter parameter =
      header("Tus-Resumable", "The protocol's version", {{"type", "string"}, {"enum", {"1.0.0"}}});
  parameter.required = required;
  return parameter;
}

Parameter id_parameter() {
  return {"upload_id", Parameter::In::path, "The upload", {{"type", "string"}}, kId, true};
}

Parameter checksum() {
  return header(
      "Upload-Checksum", "sha1 or sha256, a blank, and the chunk's hash in base64",
      {{"type", "string"},
       {"pattern", "^(sha1 [A-Za-z0-9+/]{26}|sha256 [A-Za-z0-9+/]{42})[AEIMQUYcgkosw048]=$"},
       {"examples", json::array({"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="})}});
}

Parameter offset() {
  json schema = whole(0);
  schema["maximum"] = kMostUploadNumber;
  return header("Upload-Offset", "Number of bytes that the service has received",
                std::move(schema));
}

// Keys are visible ASCII, as tus requires. The service refuses only blanks and commas in them.
json metadata_schema() {
  const std::string pair = R"([!-+\--~]+( )" + std::string(kBase64Pattern) + ")?";
  return {{"type", "string"},
          {"maxLength", kLongestUploadMetadata},
          {"pattern", "^(" + pair + "(," + pair + ")*)?$"},
          {"examples", json::array({"filename dGFsay5tcDM="})}};
}

std::vector<Parameter> answer_headers() {
  return {
      header("Tus-Resumable", "The protocol's version", {{"type", "string"}, {"enum", {"1.0.0"}}}),
      offset(),
      header("Upload-Expires", "Time at which the upload is deleted", {{"type", "string"}})};
}

Content chunk() {
  return {"application/offset+octet-stream", {{"type", "string"}, {"format", "binary"}}, nullptr};
}

Content shown() {
  return {"application/json", schema_ref("Upload"), json_of(R"({
            "upload_id": "upl_01kaxv6zj2q3m8v5t7w9y1b3d5",
            "length": 1048576,
            "offset": 524288,
            "complete": false,
            "expires_at": "2026-11-26T18:03:07.123Z"
          })")};
}

Operation upload_operation(std::string id, std::string summary, std::string scope) {
  Operation operation;
  operation.id = std::move(id);
  operation.group = "Uploads";
  operation.summary = std::move(summary);
  operation.scope = std::move(scope);
  return operation;
}

}  // namespace

json upload_json(const service::UploadProgress& progress) {
  return {{"upload_id", progress.upload.id},
          {"length", progress.upload.length},
          {"offset", progress.offset},
          {"complete", progress.is_complete()},
          {"expires_at", to_iso8601(progress.upload.expires_at)}};
}

void add_upload_headers(http::Headers& headers, const service::UploadProgress& progress) {
  headers.set("Upload-Offset", std::to_string(progress.offset));
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(progress.upload.expires_at.time_since_epoch());
  headers.set("Upload-Expires", to_http_date(seconds.count()));
}

void define_upload_schemas(Routes& routes) {
  routes.define("Upload", json_of(R"({
                  "type": "object",
                  "required": ["upload_id", "length", "offset", "complete", "expires_at"],
                  "properties": {
                    "upload_id": {"type": "string"},
                    "length": {"type": "integer", "minimum": 1},
                    "offset": {"type": "integer", "minimum": 0},
                    "complete": {"type": "boolean"},
                    "expires_at": {"type": "string", "format": "date-time"}
                  }
                })"));
}

Operation describe_upload_discovery() {
  Operation described = upload_operation("discover_uploads", "Supported tus features", "");
  described.description =
      "Recordings that can be sent in pieces, and again from where they broke off: the "
      "[tus protocol](https://tus.io/protocols/resumable-upload), version 1.0.0.";
  described.answers = {
      {204,
       "In the header",
       {},
       {header("Tus-Version", "1.0.0", {{"type", "string"}}),
        header("Tus-Extension", "Its extensions", {{"type", "string"}}),
        header("Tus-Checksum-Algorithm", "Hashes", {{"type", "string"}}),
        header("Tus-Max-Size", "Size of the largest recording in bytes", whole(0))}}};
  return described;
}

Operation describe_upload_creation(std::uint64_t most_bytes) {
  Operation described = upload_operation("create_upload", "Start an upload", "submit");
  described.description =
      "The body may contain the first bytes. Use the id of a finished upload as `upload_id` of one "
      "submission.";
  Parameter length = header("Upload-Length", "Bytes of the recording", whole(1));
  length.schema["maximum"] = most_bytes;
  length.required = true;
  described.parameters = {version(true), std::move(length),
                          header("Upload-Metadata",
                                 "Keys and base64 values with commas between; `filename` names the "
                                 "job's recording",
                                 metadata_schema()),
                          checksum()};
  described.request = {chunk()};
  std::vector<Parameter> headers = answer_headers();
  headers.push_back(header("Location", "URL of the upload", {{"type", "string"}}));
  described.answers = {{201, "Begun", {shown()}, std::move(headers)}};
  described.problems = {408, 412, 415, 423, 460, 507};
  return described;
}

Operation describe_upload_state() {
  Operation described = upload_operation("get_upload", "Progress of an upload", "submit");
  described.parameters = {id_parameter(), version(false)};
  described.answers = {
      {200, "The upload; HEAD returns only the headers", {shown()}, answer_headers()}};
  described.problems = {404, 410, 412};
  return described;
}

Operation describe_upload_chunk() {
  Operation described = upload_operation("append_to_upload", "Send more of an upload", "submit");
  Parameter at = offset();
  at.required = true;
  described.parameters = {id_parameter(), version(true), std::move(at), checksum()};
  described.request = {chunk()};
  described.needs_body = true;
  described.answers = {{204, "Stored", {}, answer_headers()}};
  described.problems = {404, 408, 409, 410, 412, 415, 423, 460, 507};
  return described;
}

Operation describe_upload_removal() {
  Operation described = upload_operation("delete_upload", "Delete an upload", "submit");
  described.parameters = {id_parameter(), version(true)};
  described.answers = {{204, "Gone", {}, {}}};
  described.problems = {404, 409, 410, 412, 423};
  return described;
}

}  // namespace steno::api
