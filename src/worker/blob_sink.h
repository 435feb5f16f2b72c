#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "blob/blob.h"
#include "fetch/fetch.h"

namespace steno {

/// Writes what is fetched into one blob. Private to worker/.
class BlobSink : public fetch::Sink {
 public:
  BlobSink(blob::BlobStore& blobs, std::string key) : blobs_(blobs), key_(std::move(key)) {}

  Result<void> begin(std::optional<std::uint64_t>) override {
    writer_.reset();
    auto writer = blobs_.create(key_);
    if (!writer) return tl::unexpected(writer.error());
    writer_ = *std::move(writer);
    return {};
  }
  Result<void> write(std::span<const std::byte> bytes) override { return writer_->write(bytes); }
  Result<void> commit() { return writer_->commit(); }

 private:
  blob::BlobStore& blobs_;
  const std::string key_;
  std::unique_ptr<blob::BlobWriter> writer_;
};

}  // namespace steno
