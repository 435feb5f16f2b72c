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

/// Writes one blob. Destroyed without commit(), it leaves nothing. Not thread-safe.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  /// Appends. After a failure (`no_space`, `io`) commit() fails the same way.
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
  /// Makes the blob visible, complete and durable. Replaces a blob with the same key. Called once.
  virtual Result<void> commit() = 0;
};

/// An open blob. Its content stays readable and unchanged while its key is replaced or removed.
/// Thread-safe.
using BlobReader = RangeReader;

/// One entry of a listing.
struct BlobInfo {
  std::string key;
  std::uint64_t size = 0;
  std::chrono::system_clock::time_point modified;  ///< when the content became a blob
};

/// Audio and results, by key.
///
///     put_blob(blobs, "results/1.json", text);          // write
///     const auto reader = blobs.open("audio/1");         // read any range
///     blobs.list("audio/", [](const BlobInfo& blob) {…});
///
/// Several processes may share one store. Calls block. No call holds a whole blob in memory, except
/// in the in-memory store. Thread-safe.
///
/// Errors: `invalid_argument` for a bad key, `not_found`, `no_space` for a full disk or quota, `io`
/// with the path and the cause for the rest. Every store passes tests/unit/blob/blob_contract.h.
class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual Result<std::unique_ptr<BlobWriter>> create(std::string_view key) = 0;
  virtual Result<std::unique_ptr<BlobReader>> open(std::string_view key) = 0;
  /// The local file that holds the blob; nothing if the store has no local files or the blob does
  /// not exist. A shortcut for readers, which must not need it. The file must not be written to,
  /// and is gone after remove().
  virtual std::optional<std::filesystem::path> local_path(std::string_view key) = 0;
  /// Makes the complete local file `from` the blob `key` by moving it, durable and as new. False,
  /// and nothing is done, if this store cannot move files from there: then write the content with
  /// create().
  virtual Result<bool> take_file(const std::filesystem::path& from, std::string_view key);
  /// Makes `to` a blob with the content of `from`, as new. Needs no time or room for a second
  /// content where the store can share it. Each blob stays when the other is replaced or removed.
  /// Further errors: `not_found` for `from`; `conflict` if the blob `to` exists.
  virtual Result<void> copy(std::string_view from, std::string_view to) = 0;
  /// Removes the blob. A missing blob is no error.
  virtual Result<void> remove(std::string_view key) = 0;
  /// Calls `visit` with every blob whose key starts with `prefix`, in no order. `visit` may remove
  /// the blob. Blobs that are added or removed meanwhile may be visited or not.
  virtual Result<void> list(std::string_view prefix,
                            const std::function<void(const BlobInfo&)>& visit) = 0;
  /// The bytes that can still be written; nothing if the store has no such limit.
  virtual Result<std::optional<std::uint64_t>> free_bytes() = 0;
  /// Removes what killed processes left of blobs that they were writing, if it is older than
  /// `older_than`, and returns the number of such remains. Keeps what a living writer has open.
  virtual Result<std::size_t> sweep_unfinished(std::chrono::seconds older_than) = 0;
};

/// Whether `key` can name a blob: 1 to 8 segments of 1 to 100 characters, joined by '/'. A segment
/// has letters, digits, '-', '_' and '.' and begins with a letter or digit, so no key is absolute
/// or leads upwards.
bool is_valid_key(std::string_view key);

/// The blob's size, or why there is none.
Result<std::uint64_t> blob_size(BlobStore& store, std::string_view key);

/// Writes a small blob in one call.
Result<void> put_blob(BlobStore& store, std::string_view key, std::string_view content);

/// Reads a small blob whole; `io` if it is larger than `most` bytes.
Result<std::string> get_blob(BlobStore& store, std::string_view key, std::size_t most);

}  // namespace steno::blob
