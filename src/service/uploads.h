#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "blob/blob.h"
#include "blob/staging.h"
#include "domain/job.h"
#include "domain/upload.h"
#include "service/admission.h"
#include "service/audit_trail.h"
#include "service/error.h"
#include "store/job_submission.h"

// Recordings that arrive in several requests (tus). An upload is a row in the store and bytes that
// are staged; when the last byte has arrived, the bytes become the blob that the row names. A job
// that uses the upload takes over the blob. The row then stays for
// ServiceOptions::idempotency_ttl, without a blob, and names the job: a repeated submission gets
// the same answer, another one a clear error.

namespace steno {
class Log;
class Store;
}  // namespace steno

namespace steno::service {

/// An upload and how many of its bytes have arrived.
struct UploadProgress {
  Upload upload;
  std::uint64_t offset = 0;

  bool is_complete() const { return offset == static_cast<std::uint64_t>(upload.length); }
};

/// The hash that a client sent for one chunk.
struct UploadChecksum {
  Digest::Kind kind;
  std::string value;  ///< 20 or 32 bytes
};

/// A finished upload that a submission names.
struct UsableUpload {
  AudioSource source;
  std::string job_id;  ///< the job of an earlier, equal submission that used it; else empty
};

/// Uploads of all owners. An upload of another owner is `not_found`. Thread-safe; calls block and
/// throw StoreError.
class Uploads {
 public:
  /// All of it is borrowed.
  Uploads(Store& store, blob::BlobStore& blobs, blob::UploadStaging& staging, Admission& admission,
          AuditTrail& audit, const Clock& clock, Log& log, const ServiceOptions& options)
      : store_(store),
        blobs_(blobs),
        staging_(staging),
        admission_(admission),
        audit_(audit),
        clock_(clock),
        log_(log),
        options_(options) {}

  /// Begins an upload. Errors: `too_many` with `too_many_uploads`; those of storage_error().
  Outcome<UploadProgress> create(std::string_view owner, std::uint64_t length,
                                 std::string_view metadata, const Actor& actor);
  /// Errors: `not_found`; `gone` with `upload_expired`; those of storage_error().
  Outcome<UploadProgress> find(std::string_view owner, std::string_view id);
  /// Removes the upload with its bytes. Errors: `conflict` with `upload_consumed` if a job has used
  /// it; those of storage_error().
  Outcome<void> remove(const Upload& upload, const Actor& actor);

  /// The finished upload that a submission names. `fingerprint` is that of a submission with an
  /// idempotency key. Errors: `not_found` with `unknown_upload`, also for an expired one;
  /// `conflict` with `upload_incomplete` or `upload_consumed`.
  Outcome<UsableUpload> find_usable(std::string_view owner, std::string_view id,
                                    const std::optional<std::string>& fingerprint);
  /// The part of a job's submission that makes the upload's blob the job's audio.
  UploadUse use_of(std::string_view id, std::string_view job_id,
                   const std::optional<std::string>& fingerprint) const;
  /// The error of a submission whose upload was removed or used since find_usable().
  ServiceError why_unusable(std::string_view owner, std::string_view id);

 private:
  friend class UploadAppender;
  Outcome<std::uint64_t> arrived_bytes(const Upload& upload);
  ServiceError failed(const Error& error);

  Store& store_;
  blob::BlobStore& blobs_;
  blob::UploadStaging& staging_;
  Admission& admission_;
  AuditTrail& audit_;
  const Clock& clock_;
  Log& log_;
  const ServiceOptions& options_;
};

/// Appends one chunk to an upload. Not thread-safe.
///
///     UploadAppender appender(uploads, progress, checksum);
///     appender.open(expected);                       // blocks
///     while (...) {
///       appender.add(piece);                         // quick
///       if (appender.is_full()) appender.flush();    // blocks
///     }
///     appender.finish();                             // blocks
class UploadAppender {
 public:
  UploadAppender(Uploads& uploads, UploadProgress start, std::optional<UploadChecksum> checksum);

  /// Blocks. `expected`: bytes that are to arrive, if known, for which there must be room. Errors:
  /// `too_large` with `upload_too_large`; `locked` with `upload_locked` while another request
  /// appends; those of storage_error().
  Outcome<void> open(std::uint64_t expected);
  /// Buffers the bytes. Errors: `too_large` with `upload_too_large` beyond the announced length.
  Outcome<void> add(std::string_view bytes);
  /// Whether the buffer is to be flushed before more is added.
  bool is_full() const { return buffer_.size() >= kPieceBytes; }
  /// Writes the buffer. Blocks. Errors as open().
  Outcome<void> flush();
  /// Puts the chunk on disk; a complete upload becomes a blob. Blocks. Errors: as flush();
  /// `checksum_mismatch`, then nothing of the chunk is kept.
  Outcome<void> finish();
  /// The connection broke. Keeps the bytes that arrived, unless they were to be checked by a
  /// checksum. Blocks. Errors as flush().
  Outcome<void> interrupt();

  const UploadProgress& progress() const { return progress_; }

 private:
  static constexpr std::size_t kPieceBytes = 256 * 1024;

  Outcome<void> outcome_of(const Result<void>& result);
  Result<void> write_buffer();
  Result<void> store_chunk();
  Outcome<void> roll_back();

  Uploads& uploads_;
  UploadProgress progress_;  ///< offset: of the bytes taken, written or in the buffer
  std::uint64_t start_;
  std::optional<UploadChecksum> checksum_;
  std::optional<Digest> digest_;
  std::string buffer_;
  std::unique_ptr<blob::StagedWriter> writer_;
};

}  // namespace steno::service
