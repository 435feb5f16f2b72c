#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/service.h"
#include "api/uploads/tus.h"
#include "blob/staging.h"
#include "domain/upload.h"

// Uploads by the tus protocol: a row in the store and bytes in the staging area, which become the
// blob that the row names when the last byte has arrived.

namespace steno::api {

/// An upload and how far it is.
struct UploadProgress {
  Upload upload;
  std::uint64_t offset = 0;

  bool is_complete() const { return offset == static_cast<std::uint64_t>(upload.length); }
};

/// Begins an upload. Problems: 429 `too_many_uploads`, 503 and 507 of the store. Blocks.
tl::expected<UploadProgress, http::Problem> create_upload(Service& service, std::string_view owner,
                                                          std::uint64_t length,
                                                          std::string_view metadata);

/// The upload of `owner`. Problems: 404 `not_found`, 410 `upload_expired`. Blocks.
tl::expected<UploadProgress, http::Problem> find_upload(Service& service, std::string_view id,
                                                        std::string_view owner);

/// Throws the upload away with what has come of it. Problems: 409 `upload_consumed` when a job has
/// it, 503. Blocks.
tl::expected<void, http::Problem> remove_upload(Service& service, const Upload& upload);

/// Appends the body of one request to an upload, in pieces, on the pool. Belongs to the request's
/// thread.
class UploadChunk {
 public:
  UploadChunk(Service& service, UploadProgress start, std::optional<UploadChecksum> checksum);

  /// `expected`: bytes that are to come, if known, for which there must be room. Throws
  /// ProblemError: 423 `upload_locked` while another process appends; of the store.
  http::Task<void> open(std::uint64_t expected);
  /// Throws ProblemError: 413 `upload_too_large` beyond the length that was announced; of the
  /// store.
  http::Task<void> write(std::string_view bytes);
  /// Puts all of it on disk; the upload becomes a blob if it is complete. Throws ProblemError: 460
  /// `checksum_mismatch`, then nothing of the chunk is kept.
  http::Task<void> finish();
  /// The connection broke: keeps what came, but nothing that the checksum cannot vouch for.
  http::Task<void> interrupt();

  const UploadProgress& progress() const { return progress_; }
  /// 413 `upload_too_large`.
  static http::ProblemError too_large();

 private:
  http::Task<void> flush();
  http::Task<void> roll_back();
  Result<void> complete();
  [[noreturn]] void refuse(const Error& error);

  Service& service_;
  UploadProgress progress_;  ///< offset: of the bytes taken, written or in the buffer
  std::uint64_t start_;
  std::optional<UploadChecksum> checksum_;
  std::optional<Digest> digest_;
  std::string buffer_;
  std::unique_ptr<blob::StagedWriter> writer_;
};

}  // namespace steno::api
