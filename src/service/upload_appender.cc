// One chunk of an upload: see uploads.h.

#include <span>
#include <utility>

#include "service/uploads.h"
#include "store/store.h"

namespace steno::service {
namespace {

ServiceError upload_too_large() {
  return {ErrorKind::too_large, "upload_too_large",
          "There are more bytes than Upload-Length announced"};
}

}  // namespace

UploadAppender::UploadAppender(Uploads& uploads, UploadProgress start,
                               std::optional<UploadChecksum> checksum)
    : uploads_(uploads),
      progress_(std::move(start)),
      start_(progress_.offset),
      checksum_(std::move(checksum)) {
  if (checksum_) digest_.emplace(checksum_->kind);
}

Outcome<void> UploadAppender::outcome_of(const Result<void>& result) {
  if (result) return {};
  if (result.error().code == Errc::conflict) {
    return refuse({ErrorKind::locked, "upload_locked", "Another request is sending this upload"});
  }
  if (result.error().code == Errc::not_found) {
    return refuse({ErrorKind::gone, "upload_expired", "The upload has expired or was deleted"});
  }
  return refuse(uploads_.failed(result.error()));
}

Outcome<void> UploadAppender::open(std::uint64_t expected) {
  const auto left = static_cast<std::uint64_t>(progress_.upload.length) - start_;
  if (expected > left) return refuse(upload_too_large());
  if (auto room = uploads_.admission_.check_room(expected); !room) return outcome_of(room);
  auto writer = uploads_.staging_.open(progress_.upload.id, start_);
  if (!writer) return outcome_of(tl::unexpected(writer.error()));
  writer_ = *std::move(writer);
  return {};
}

Outcome<void> UploadAppender::add(std::string_view bytes) {
  const auto left = static_cast<std::uint64_t>(progress_.upload.length) - progress_.offset;
  if (bytes.size() > left) return refuse(upload_too_large());
  progress_.offset += bytes.size();
  buffer_ += bytes;
  return {};
}

Outcome<void> UploadAppender::flush() {
  if (buffer_.empty()) return {};
  auto written = outcome_of(write_buffer());
  buffer_.clear();
  return written;
}

Result<void> UploadAppender::write_buffer() {
  if (digest_) digest_->add(buffer_);
  if (auto room = uploads_.admission_.check_room(buffer_.size()); !room) return room;
  return writer_->write(std::as_bytes(std::span(buffer_.data(), buffer_.size())));
}

Outcome<void> UploadAppender::finish() {
  if (auto flushed = flush(); !flushed) return flushed;
  if (digest_ && digest_->finish() != checksum_->value) {
    if (auto rolled_back = roll_back(); !rolled_back) return rolled_back;
    return refuse({ErrorKind::checksum_mismatch, "checksum_mismatch",
                   "The bytes do not have the hash of Upload-Checksum"});
  }
  return outcome_of(store_chunk());
}

Result<void> UploadAppender::store_chunk() {
  if (auto synced = writer_->sync(); !synced) return synced;
  writer_.reset();
  if (!progress_.is_complete()) return {};
  Upload& upload = progress_.upload;
  if (auto done = uploads_.staging_.finish(upload.id, uploads_.blobs_, upload.blob); !done)
    return done;
  upload.complete = true;
  upload.expires_at = uploads_.clock_.now() + uploads_.options_.upload_ttl;
  if (uploads_.store_.uploads().set_complete(upload.id, upload.expires_at)) return {};
  (void)uploads_.blobs_.remove(upload.blob);  // if that fails, it is an orphan
  return fail(Errc::not_found, "upload " + upload.id + " has expired or was deleted");
}

Outcome<void> UploadAppender::interrupt() {
  if (!writer_) return {};
  if (digest_) return roll_back();
  if (auto flushed = flush(); !flushed) return flushed;
  return outcome_of(writer_->sync());
}

Outcome<void> UploadAppender::roll_back() {
  writer_.reset();
  auto truncated = uploads_.staging_.open(progress_.upload.id, start_);
  progress_.offset = start_;
  return truncated ? Outcome<void>() : outcome_of(tl::unexpected(truncated.error()));
}

}  // namespace steno::service
