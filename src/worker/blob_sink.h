#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "blob/blob.h"
#include "fetch/fetch.h"
#include "worker/failures.h"

namespace steno {

/// Writes a download into one blob. Errors are those of storage_error(): they name no path. Private
/// to worker/.
class BlobSink : public fetch::Sink {
 public:
  /// `blobs` and `log` outlive the object.
  BlobSink(blob::BlobStore& blobs, std::string key, std::string job_id, Log& log)
      : blobs_(blobs), key_(std::move(key)), job_id_(std::move(job_id)), log_(log) {}

  Result<void> begin(std::optional<std::uint64_t>) override {
    writer_.reset();
    auto writer = blobs_.create(key_);
    if (!writer) return checked(tl::unexpected(writer.error()));
    writer_ = *std::move(writer);
    return {};
  }
  Result<void> write(std::span<const std::byte> bytes) override {
    return checked(writer_->write(bytes));
  }
  /// After the last byte.
  Result<void> commit() { return checked(writer_->commit()); }

 private:
  Result<void> checked(Result<void> result) const {
    if (result) return result;
    return tl::unexpected(storage_error(result.error(), job_id_, log_));
  }

  blob::BlobStore& blobs_;
  const std::string key_;
  const std::string job_id_;
  Log& log_;
  std::unique_ptr<blob::BlobWriter> writer_;
};

}  // namespace steno
