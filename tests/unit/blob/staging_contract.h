// The promises of every staging area, with every kind of store behind it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "blob/blob.h"
#include "blob/staging.h"

namespace steno::blob {

/// A staging area and the store that gets the finished uploads, both empty.
struct StagingBackend {
  std::string name;
  std::function<std::shared_ptr<UploadStaging>()> staging;
  std::function<std::shared_ptr<BlobStore>()> blobs;
};

inline void PrintTo(const StagingBackend& backend, std::ostream* out) { *out << backend.name; }

class StagingContract : public ::testing::TestWithParam<StagingBackend> {
 protected:
  std::shared_ptr<UploadStaging> staging_ = GetParam().staging();
  std::shared_ptr<BlobStore> blobs_ = GetParam().blobs();
};

/// Writes one piece to an upload and closes it.
Result<void> append(UploadStaging& staging, std::string_view id, std::uint64_t offset,
                    const std::string& text);

}  // namespace steno::blob
