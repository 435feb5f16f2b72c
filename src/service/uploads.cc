#include "service/uploads.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/id.h"
#include "jobs/expired_uploads.h"
#include "service/recording_writer.h"
#include "service/upload_metadata.h"
#include "store/store.h"
#include "telemetry/log.h"

namespace steno::service {
namespace {

using nlohmann::json;

ServiceError about_upload(ErrorKind kind, std::string_view code, std::string_view message) {
  ServiceError error = invalid_field(code, "$.upload_id", message);
  error.kind = kind;
  return error;
}

ServiceError consumed(const std::string& job_id) {
  return about_upload(
      ErrorKind::conflict, "upload_consumed",
      "an upload serves one job, and this one's is " + job_id + "; upload it again");
}

ServiceError unknown_upload() {
  return about_upload(ErrorKind::not_found, "unknown_upload", "there is no such upload");
}

}  // namespace

ServiceError Uploads::failed(const Error& error) {
  log_.error("an upload failed", {{"error", error.message}});
  return storage_error(error);
}

Outcome<UploadProgress> Uploads::create(std::string_view owner, std::uint64_t length,
                                        std::string_view metadata, const Actor& actor) {
  if (auto room = admission_.check_room(length); !room) return refuse(failed(room.error()));
  Upload upload;
  upload.created_at = clock_.now();
  // Requests at the same moment may exceed the limit by their number.
  if (store_.uploads().count_open(owner, upload.created_at) >= options_.max_uploads_per_key) {
    return refuse(too_many("too_many_uploads",
                           "Too many of your uploads are open: submit or delete some", 60));
  }
  upload.expires_at = upload.created_at + options_.upload_ttl;
  upload.id = new_id("upl_", upload.created_at);
  upload.owner = owner;
  upload.blob = "audio/" + upload.id;
  upload.metadata = metadata;
  upload.length = static_cast<std::int64_t>(length);
  store_.uploads().add(upload);
  audit_.add(actor, "upload.create", upload.id);
  return UploadProgress{std::move(upload), 0};
}

Outcome<UploadProgress> Uploads::find(std::string_view owner, std::string_view id) {
  auto upload = store_.uploads().find(id);
  if (!upload || upload->owner != owner) return refuse(not_found("upload"));
  if (upload->expires_at <= clock_.trusted_now()) {
    return refuse({ErrorKind::gone, "upload_expired", "The upload's time is over"});
  }
  const auto bytes = arrived_bytes(*upload);
  if (!bytes) return refuse(bytes.error());
  return UploadProgress{*std::move(upload), *bytes};
}

// The process may have died between the last byte and the update of the row.
Outcome<std::uint64_t> Uploads::arrived_bytes(const Upload& upload) {
  const auto length = static_cast<std::uint64_t>(upload.length);
  if (upload.complete) return length;
  const auto partial = staging_.size(upload.id);
  if (partial) return *partial;
  if (partial.error().code != Errc::not_found) return refuse(failed(partial.error()));
  const auto whole = blob::blob_size(blobs_, upload.blob);
  if (!whole || *whole != length) return 0;
  const bool is_stored =
      store_.uploads().set_complete(upload.id, clock_.now() + options_.upload_ttl);
  if (!is_stored) return refuse(not_found("upload"));
  return length;
}

Outcome<void> Uploads::remove(const Upload& upload, const Actor& actor) {
  const auto erased = !upload.blob.empty() && store_.uploads().erase(upload.id);
  // A submission may have taken the upload since it was read.
  if (!erased) {
    const auto stored = store_.uploads().find(upload.id);
    if (!stored) return refuse(not_found("upload"));
    return refuse(conflict("upload_consumed", "The upload is a job's now"));
  }
  const auto removed = remove_upload_bytes(staging_, blobs_, upload);
  if (!removed) return refuse(failed(removed.error()));
  audit_.add(actor, "upload.delete", upload.id);
  return {};
}

Outcome<UsableUpload> Uploads::find_usable(std::string_view owner, std::string_view id,
                                           const std::optional<std::string>& fingerprint) {
  const auto upload = store_.uploads().find(id);
  if (!upload || upload->owner != owner || upload->expires_at <= clock_.trusted_now()) {
    return refuse(unknown_upload());
  }
  if (!upload->complete) {
    return refuse(about_upload(ErrorKind::conflict, "upload_incomplete",
                               "the upload is not complete; send the rest of it first"));
  }
  if (upload->blob.empty()) {
    const json use = json::parse(upload->metadata);
    if (fingerprint && use.at("fingerprint") == *fingerprint) {
      return UsableUpload{{}, use.at("job_id")};
    }
    return refuse(consumed(use.at("job_id")));
  }
  // The job may have been purged, and the recording with it.
  const auto bytes = blob::blob_size(blobs_, upload->blob);
  if (!bytes && bytes.error().code == Errc::not_found) return refuse(unknown_upload());
  return UsableUpload{{.blob = upload->blob,
                       .url = "",
                       .name = plain_file_name(upload_file_name(upload->metadata)),
                       .bytes = upload->length},
                      ""};
}

UploadUse Uploads::use_of(std::string_view id, std::string_view job_id,
                          const std::optional<std::string>& fingerprint) const {
  const json note{{"job_id", job_id}, {"fingerprint", fingerprint.value_or("")}};
  return {.upload_id = std::string(id),
          .note = note.dump(),
          .keep_until = clock_.now() + options_.idempotency_ttl};
}

ServiceError Uploads::why_unusable(std::string_view owner, std::string_view id) {
  auto upload = find_usable(owner, id, std::nullopt);
  return upload ? unknown_upload() : std::move(upload.error());
}

}  // namespace steno::service
