#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "blob/blob.h"
#include "domain/job.h"
#include "service/admission.h"
#include "service/error.h"

namespace steno {
class Log;
}

namespace steno::service {

/// Whether a recording is hashed while it is written; a submission with an idempotency key is
/// compared by that hash.
enum class Hashing { no, sha256 };

/// The largest recording that is taken, and the error for a larger one.
struct RecordingLimit {
  std::uint64_t most_bytes = 0;
  ServiceError too_large;
};

/// The parts that all recording writers of the process share; all are borrowed.
struct RecordingParts {
  blob::BlobStore& blobs;
  Admission& admission;
  const Clock& clock;
  Log& log;
};

/// Writes one recording into the blob store, piece by piece, so that the memory needed does not
/// depend on its size. Without keep() nothing remains. Not thread-safe.
///
///     RecordingWriter writer(parts, "call.wav", limit, Hashing::no);
///     while (...) {
///       writer.add(piece);                            // quick; may fail with `too_large`
///       if (writer.is_full()) writer.flush(expected);  // blocks
///     }
///     writer.finish();  // blocks
///     writer.keep();    // blocks; now it is the blob writer.source().blob
class RecordingWriter {
 public:
  /// `file_name` is the file's name as the client wrote it.
  RecordingWriter(const RecordingParts& parts, std::string_view file_name, RecordingLimit limit,
                  Hashing hashing);

  /// Buffers the bytes. Errors: that of the limit.
  Outcome<void> add(std::string_view bytes);
  /// Whether the buffer is to be flushed before more is added.
  bool is_full() const { return buffer_.size() >= kPieceBytes; }
  /// Writes the buffer. Blocks. `expected`: bytes that are still to arrive, if known, for which
  /// there must be room. Errors: those of storage_error().
  Outcome<void> flush(std::uint64_t expected);
  /// There are no more bytes. Blocks. Errors: as flush(); `invalid` with `empty_audio`.
  Outcome<void> finish();
  /// Makes it a blob, after finish(). Blocks. Errors: those of storage_error().
  Outcome<void> keep();

  /// The unfinished blob, for a caller that lets another thread destroy it, because that takes
  /// long for a large recording.
  std::unique_ptr<blob::BlobWriter> take_unkept() { return std::move(writer_); }

  const std::string& key() const { return key_; }
  std::uint64_t size() const { return size_; }
  /// Hash of the bytes; empty without Hashing. After finish().
  const std::string& sha256() const { return hash_; }
  /// The recording as a job names it.
  AudioSource source() const;

 private:
  // Large enough that going to another thread costs little, small enough to hold for each upload.
  static constexpr std::size_t kPieceBytes = 256 * 1024;

  Result<void> write_buffer(std::uint64_t expected);
  Outcome<void> outcome_of(const Result<void>& result);

  const RecordingParts& parts_;
  std::string key_;
  std::string name_;
  RecordingLimit limit_;
  std::optional<Digest> digest_;
  std::string hash_;
  std::uint64_t size_ = 0;
  std::string buffer_;
  std::unique_ptr<blob::BlobWriter> writer_;
};

/// The last part of a file's name as a client wrote it, without control characters and invalid
/// UTF-8, at most 255 bytes; "" if nothing remains.
std::string plain_file_name(std::string_view name);

}  // namespace steno::service
