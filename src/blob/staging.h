#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace steno::blob {

class BlobStore;

/// Appends to one staged upload. The bytes written stay when the writer is destroyed. Not
/// thread-safe.
class StagedWriter {
 public:
  virtual ~StagedWriter() = default;
  /// The position of the next byte.
  virtual std::uint64_t offset() const = 0;
  /// Appends. After a failure (`no_space`, `io`) the bytes before it are kept; see offset().
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  /// Flushes the bytes to disk, so that they survive a power cut.
  virtual Result<void> sync() = 0;
};

/// Uploads that arrive in several requests, kept on this machine until they are complete. A
/// finished upload is handed to a blob store.
///
///     auto writer = staging.open(id, 0);        // appends, one writer at a time
///     (*writer)->write(bytes);
///     (*writer)->sync();                        // these bytes survive a restart
///     writer->reset();
///     staging.finish(id, blobs, "audio/" + id); // now a blob; nothing is staged
///
/// An id is one segment of a key (see is_valid_key). Thread-safe; calls block. Every implementation
/// passes tests/unit/blob/staging_contract.h.
class UploadStaging {
 public:
  virtual ~UploadStaging() = default;
  /// Continues at `offset`; bytes beyond it are discarded. Offset 0 begins a new upload if there is
  /// none; any other offset is then `not_found`. `conflict` if `offset` is past the end, or while
  /// another writer, of this process or another, has the upload open.
  virtual Result<std::unique_ptr<StagedWriter>> open(std::string_view id, std::uint64_t offset) = 0;
  /// The number of bytes received, or `not_found`.
  virtual Result<std::uint64_t> size(std::string_view id) = 0;
  /// Makes the upload the blob `key` of `blobs`, complete and durable, and removes it from the
  /// staging area. Moves the content where the store can take a local file, else copies it.
  /// `conflict` while a writer has the upload open. Can be repeated: no error if the upload is gone
  /// and the blob exists.
  virtual Result<void> finish(std::string_view id, BlobStore& blobs, std::string_view key) = 0;
  /// Discards the upload. A missing upload is no error.
  virtual Result<void> drop(std::string_view id) = 0;
  /// Discards every upload that no writer has open and that `is_wanted` returns false for. Returns
  /// their number. Passes on what `is_wanted` throws.
  virtual Result<std::size_t> sweep(const std::function<bool(std::string_view id)>& is_wanted) = 0;
  /// The bytes that can still be staged; nothing if the implementation knows no limit.
  virtual Result<std::optional<std::uint64_t>> free_bytes() = 0;
};

}  // namespace steno::blob
