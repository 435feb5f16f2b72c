#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/range_reader.h"
#include "base/result.h"

namespace steno::blob {

/// A blob on its way into the store. Destroyed without commit() it leaves nothing. Not thread-safe.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  /// Appends. After a failure (`no_space`, `io`) commit() fails the same way.
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  /// Makes the blob visible, whole and on disk, in place of one with the same key. Once only.
  virtual Result<void> commit() = 0;
};

/// An open blob. Its content stays readable and unchanged while its key is replaced or removed.
/// Thread-safe.
using BlobReader = RangeReader;

/// An upload that arrives in several requests. What was written stays when it is destroyed. Not
/// thread-safe.
class PartialWriter {
 public:
  virtual ~PartialWriter() = default;
  /// Where the next byte goes.
  virtual std::uint64_t offset() const = 0;
  /// Appends. After a failure (`no_space`, `io`) what came before it is kept; offset() tells.
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  /// Puts what was written on disk, so that a power cut does not take it either.
  virtual Result<void> sync() = 0;
};

/// Uploads that are not complete: no blobs yet, but kept through a restart. An id is one segment of
/// a key (see is_valid_key). Thread-safe; calls block.
class PartialUploads {
 public:
  virtual ~PartialUploads() = default;
  /// Continues at `offset`; what lies beyond it is thrown away. Offset 0 begins a new upload if
  /// there is none, else `not_found`. `conflict` if `offset` is past the end, or while another
  /// writer, of this process or another, has it open.
  virtual Result<std::unique_ptr<PartialWriter>> open(std::string_view id,
                                                      std::uint64_t offset) = 0;
  /// The bytes received, or `not_found`.
  virtual Result<std::uint64_t> size(std::string_view id) = 0;
  /// Makes the upload the blob `key`, whole and on disk. `conflict` while a writer has it open. Can
  /// be repeated: no error if the upload is gone and the blob is there.
  virtual Result<void> finish(std::string_view id, std::string_view key) = 0;
  /// Throws the upload away; one that is missing is no error.
  virtual Result<void> drop(std::string_view id) = 0;
  /// Drops every upload that got no byte for `idle` and that no writer has open: how many.
  virtual Result<std::size_t> sweep(std::chrono::seconds idle) = 0;
};

struct BlobInfo {
  std::string key;
  std::uint64_t size = 0;
  std::chrono::system_clock::time_point modified;
};

/// Audio and results, by key. Thread-safe, several processes may share one; calls block. No call
/// holds a whole blob in memory (but the in-memory store, which is made of it).
///
/// Errors: `invalid_argument` for a bad key, `not_found`, `no_space` for a full disk or quota, `io`
/// with the path and the cause for the rest. Every store passes tests/unit/blob/blob_contract.h.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual Result<std::unique_ptr<BlobWriter>> create(std::string_view key) = 0;
  virtual Result<std::unique_ptr<BlobReader>> open(std::string_view key) = 0;
  /// The file that holds the blob, as a shortcut for the decoder. None if the store has no local
  /// files or the blob does not exist. Only to be read; remove() removes it.
  virtual std::optional<std::filesystem::path> local_path(std::string_view key) = 0;
  /// Makes `to` a blob with the content of `from`, as new, at once and without room for a second
  /// content where the store can. Each of them stays when the other is replaced or removed. Errors
  /// besides: `not_found` of `from`; `conflict` where there is a blob `to`.
  virtual Result<void> copy(std::string_view from, std::string_view to) = 0;
  /// Removes the blob; one that is missing is no error.
  virtual Result<void> remove(std::string_view key) = 0;
  /// Calls `visit` with every blob whose key starts with `prefix`, in no order; it may remove what
  /// it is shown. Blobs that come or go meanwhile may be shown or not.
  virtual Result<void> list(std::string_view prefix,
                            const std::function<void(const BlobInfo&)>& visit) = 0;
  /// What can still be written.
  virtual Result<std::uint64_t> free_bytes() = 0;
  /// Removes what writers left that never got to commit or to their destructor (a killed process)
  /// and are older than `older_than`: how many. Spares what a living writer has open, and partial
  /// uploads.
  virtual Result<std::size_t> sweep_unfinished(std::chrono::seconds older_than) = 0;
  /// Lives as long as the store.
  virtual PartialUploads& partials() = 0;
};

/// Whether `key` can name a blob: 1 to 8 segments of 1 to 100 characters joined by '/', each of
/// letters, digits, '-', '_' and '.' and beginning with a letter or digit. So no key is absolute
/// or leads upwards.
bool is_valid_key(std::string_view key);

/// The blob's size, or why there is none.
Result<std::uint64_t> blob_size(BlobStore& store, std::string_view key);

/// Writes a small blob in one go.
Result<void> put_blob(BlobStore& store, std::string_view key, std::string_view content);

/// Reads a small blob whole; `io` if it is larger than `most` bytes.
Result<std::string> get_blob(BlobStore& store, std::string_view key, std::size_t most);

}  // namespace steno::blob
