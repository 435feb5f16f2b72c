#include "api/uploads/uploads.h"

#include <utility>

#include "api/core/errors.h"
#include "api/submit/recording.h"
#include "base/id.h"
#include "jobs/expired_uploads.h"
#include "store/upload_store.h"

namespace steno::api {
namespace {

template <class T>
using Outcome = tl::expected<T, http::Problem>;

bool is_consumed(const Upload& upload) { return upload.blob.empty(); }

tl::unexpected<http::Problem> storage(Service& service, const Error& error) {
  service.log.error("an upload failed", {{"error", error.message}});
  return tl::unexpected(problem_of_storage(error));
}

// What has come; the process may have died between the last byte and the row that says so.
Outcome<std::uint64_t> bytes_of(Service& service, const Upload& upload) {
  const auto length = static_cast<std::uint64_t>(upload.length);
  if (upload.complete) return length;
  const auto partial = service.staging.size(upload.id);
  if (partial) return *partial;
  if (partial.error().code != Errc::not_found) return storage(service, partial.error());
  const auto whole = blob::blob_size(service.blobs, upload.blob);
  if (!whole || *whole != length) return 0;
  service.store.uploads().set_complete(upload.id, service.clock.now() + service.options.upload_ttl);
  return length;
}

}  // namespace

Outcome<UploadProgress> create_upload(Service& service, std::string_view owner,
                                      std::uint64_t length, std::string_view metadata) {
  if (auto room = check_room(service, length); !room) return storage(service, room.error());
  Upload upload;
  upload.created_at = service.clock.now();
  // Requests at the same moment may go beyond it by their number.
  if (service.store.uploads().count_open(owner, upload.created_at) >=
      service.options.max_uploads_per_key) {
    return tl::unexpected(too_many(
        "too_many_uploads", "Too many of your uploads are open: submit or delete some", "60"));
  }
  upload.expires_at = upload.created_at + service.options.upload_ttl;
  upload.id = new_id("upl_", upload.created_at);
  upload.owner = owner;
  upload.blob = "audio/" + upload.id;
  upload.metadata = metadata;
  upload.length = static_cast<std::int64_t>(length);
  service.store.uploads().add(upload);
  return UploadProgress{std::move(upload), 0};
}

Outcome<UploadProgress> find_upload(Service& service, std::string_view id, std::string_view owner) {
  auto upload = service.store.uploads().find(id);
  if (!upload || upload->owner != owner) return tl::unexpected(not_found("upload").problem());
  if (upload->expires_at <= service.clock.now()) {
    return tl::unexpected(http::Problem{410, "upload_expired", "The upload's time is over"});
  }
  const auto bytes = bytes_of(service, *upload);
  if (!bytes) return tl::unexpected(bytes.error());
  return UploadProgress{*std::move(upload), *bytes};
}

Outcome<void> remove_upload(Service& service, const Upload& upload) {
  if (is_consumed(upload)) {
    return tl::unexpected(http::Problem{409, "upload_consumed", "The upload is a job's now"});
  }
  service.store.uploads().erase(upload.id);
  const auto removed = remove_upload_bytes(service.staging, service.blobs, upload);
  return removed ? Outcome<void>() : storage(service, removed.error());
}

UploadChunk::UploadChunk(Service& service, UploadProgress start,
                         std::optional<UploadChecksum> checksum)
    : service_(service),
      progress_(std::move(start)),
      start_(progress_.offset),
      checksum_(std::move(checksum)) {
  if (checksum_) digest_.emplace(checksum_->kind);
}

http::ProblemError UploadChunk::too_large() {
  return http::ProblemError(
      {413, "upload_too_large", "There are more bytes than Upload-Length announced"});
}

void UploadChunk::refuse(const Error& error) {
  if (error.code == Errc::conflict) {
    throw http::ProblemError({423, "upload_locked", "Another request is sending this upload"});
  }
  throw http::ProblemError(storage(service_, error).value());
}

http::Task<void> UploadChunk::open(std::uint64_t expected) {
  using Writer = std::unique_ptr<blob::StagedWriter>;
  auto open_at_start = [this, expected]() -> Result<Writer> {
    if (auto room = check_room(service_, expected); !room) return tl::unexpected(room.error());
    return service_.staging.open(progress_.upload.id, start_);
  };
  auto writer = co_await http::offload(service_.upload_pool, open_at_start);
  if (!writer) refuse(writer.error());
  writer_ = *std::move(writer);
}

http::Task<void> UploadChunk::write(std::string_view bytes) {
  constexpr size_t kPieceBytes = 256 * 1024;
  const std::uint64_t room = static_cast<std::uint64_t>(progress_.upload.length) - progress_.offset;
  if (bytes.size() > room) throw too_large();
  progress_.offset += bytes.size();
  buffer_ += bytes;
  if (buffer_.size() >= kPieceBytes) co_await flush();
}

http::Task<void> UploadChunk::flush() {
  if (buffer_.empty()) co_return;
  auto write_piece = [this]() -> Result<void> {
    if (digest_) digest_->add(buffer_);
    if (auto room = check_room(service_, buffer_.size()); !room) return room;
    return writer_->write(std::as_bytes(std::span(buffer_.data(), buffer_.size())));
  };
  const auto written = co_await http::offload(service_.upload_pool, write_piece);
  buffer_.clear();
  if (!written) refuse(written.error());
}

http::Task<void> UploadChunk::finish() {
  co_await flush();
  if (digest_ && digest_->finish() != checksum_->value) {
    co_await roll_back();
    throw http::ProblemError(
        {460, "checksum_mismatch", "The bytes do not have the hash of Upload-Checksum"});
  }
  auto store = [this]() -> Result<void> {
    if (auto synced = writer_->sync(); !synced) return synced;
    writer_.reset();
    return progress_.is_complete() ? complete() : Result<void>();
  };
  const auto stored = co_await http::offload(service_.upload_pool, store);
  if (!stored) refuse(stored.error());
}

Result<void> UploadChunk::complete() {
  Upload& upload = progress_.upload;
  if (auto done = service_.staging.finish(upload.id, service_.blobs, upload.blob); !done)
    return done;
  upload.complete = true;
  upload.expires_at = service_.clock.now() + service_.options.upload_ttl;
  service_.store.uploads().set_complete(upload.id, upload.expires_at);
  return {};
}

http::Task<void> UploadChunk::interrupt() {
  if (!writer_) co_return;
  if (digest_) {
    co_await roll_back();
    co_return;
  }
  co_await flush();
  auto sync = [this] { return writer_->sync(); };
  const auto synced = co_await http::offload(service_.upload_pool, sync);
  if (!synced) refuse(synced.error());
}

http::Task<void> UploadChunk::roll_back() {
  auto truncate = [this] {
    writer_.reset();
    return service_.staging.open(progress_.upload.id, start_);
  };
  const auto truncated = co_await http::offload(service_.upload_pool, truncate);
  progress_.offset = start_;
  if (!truncated) refuse(truncated.error());
}

}  // namespace steno::api
