#include "api/uploads/upload_use.h"

#include <nlohmann/json.hpp>

#include "api/submit/recording.h"
#include "api/submit/submission.h"
#include "api/uploads/tus.h"
#include "store/upload_store.h"

namespace steno::api {
namespace {

using nlohmann::json;

tl::unexpected<http::Problem> unknown() {
  auto problem = field_problem("unknown_upload", "$.upload_id", "there is no such upload");
  problem.status = 404;
  return tl::unexpected(std::move(problem));
}

tl::unexpected<http::Problem> consumed(const std::string& job_id) {
  auto problem =
      field_problem("upload_consumed", "$.upload_id",
                    "an upload serves one job, and this one's is " + job_id + "; upload it again");
  problem.status = 409;
  return tl::unexpected(std::move(problem));
}

}  // namespace

tl::expected<UsableUpload, http::Problem> find_usable_upload(
    Service& service, std::string_view id, std::string_view owner,
    const std::optional<std::string>& fingerprint) {
  const auto upload = service.store.uploads().find(id);
  if (!upload || upload->owner != owner || upload->expires_at <= service.clock.now()) {
    return unknown();
  }
  if (!upload->complete) {
    auto problem = field_problem("upload_incomplete", "$.upload_id",
                                 "the upload is not complete; send the rest of it first");
    problem.status = 409;
    return tl::unexpected(std::move(problem));
  }
  if (!upload->blob.empty()) {
    // Its job may be gone as well, and the audio with it.
    const auto bytes = blob::blob_size(service.blobs, upload->blob);
    if (!bytes && bytes.error().code == Errc::not_found) return unknown();
    return UsableUpload{{.blob = upload->blob,
                         .url = "",
                         .name = plain_file_name(upload_file_name(upload->metadata)),
                         .bytes = upload->length},
                        ""};
  }
  const json use = json::parse(upload->metadata);
  if (fingerprint && use.at("fingerprint") == *fingerprint) {
    return UsableUpload{{}, use.at("job_id")};
  }
  return consumed(use.at("job_id"));
}

UploadUse use_of_upload(const Service& service, std::string_view id, std::string_view job_id,
                        const std::optional<std::string>& fingerprint) {
  const json note{{"job_id", job_id}, {"fingerprint", fingerprint.value_or("")}};
  return {.upload_id = std::string(id),
          .note = note.dump(),
          .keep_until = service.clock.now() + service.options.idempotency_ttl};
}

http::Problem why_upload_is_unusable(Service& service, std::string_view id,
                                     std::string_view owner) {
  auto upload = find_usable_upload(service, id, owner, std::nullopt);
  return upload ? unknown().value() : std::move(upload.error());
}

}  // namespace steno::api
