#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/error.h"
#include "service/service_options.h"
#include "store/job_store.h"

namespace steno {
class Lifecycle;
class Store;
namespace blob {
class BlobStore;
class UploadStaging;
}  // namespace blob
}  // namespace steno

namespace steno::service {

/// The facts about a submission before its body arrives.
struct Announced {
  std::string owner;
  std::optional<std::string> idempotency_key;
  std::uint64_t body_bytes = 0;  ///< 0 if unknown
};

/// Decides whether there is room for more work: in the queue and on the disk. Thread-safe; calls
/// block; throws StoreError.
class Admission {
 public:
  /// All of it is borrowed.
  Admission(Store& store, Lifecycle& lifecycle, blob::BlobStore& blobs,
            blob::UploadStaging& staging, const ServiceOptions& options)
      : store_(store), lifecycle_(lifecycle), blobs_(blobs), staging_(staging), options_(options) {}

  /// Refuses a submission that has no room before its body is read. A submission that was accepted
  /// before under the same idempotency key is let through a full queue. Errors: `too_many` with
  /// `queue_full` or `owner_queue_full`; those of storage_error().
  Outcome<void> check(const Announced& announced);

  /// `no_space` unless the blob store and the staging area have room for `bytes` more and the
  /// configured reserve, and the database has its own. A store without a notion of free space has
  /// room.
  Result<void> check_room(std::uint64_t bytes);

 private:
  Store& store_;
  Lifecycle& lifecycle_;
  blob::BlobStore& blobs_;
  blob::UploadStaging& staging_;
  const ServiceOptions& options_;
};

/// Why the store made no new job: `too_many` with `queue_full` or `owner_queue_full`, `invalid`
/// with `idempotency_key_reused`; nothing if the submission was accepted or repeated.
std::optional<ServiceError> refusal_of(Creation::Status outcome);

}  // namespace steno::service
