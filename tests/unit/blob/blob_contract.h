// The contract of every blob store. The test of a store instantiates it:
//
//     INSTANTIATE_TEST_SUITE_P(File, BlobContract, ::testing::Values(MakeStore{...}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "blob/blob.h"

namespace steno::blob {

/// Makes an empty store. Its files are removed after the test.
using MakeStore = std::function<std::shared_ptr<BlobStore>()>;

class BlobContract : public ::testing::TestWithParam<MakeStore> {
 protected:
  void SetUp() override { store_ = GetParam()(); }

  std::shared_ptr<BlobStore> store_;
};

inline std::span<const std::byte> bytes(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// The error code of a result, which must have failed.
Errc code_of(const auto& failed) {
  EXPECT_FALSE(failed.has_value());
  return failed ? Errc::cancelled : failed.error().code;
}

/// Keys and sizes of the blobs that start with `prefix`, sorted: "a/1:5 a/2:0".
std::string listing(BlobStore& store, std::string_view prefix);

}  // namespace steno::blob
