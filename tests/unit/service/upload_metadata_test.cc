#include "service/upload_metadata.h"

#include <gtest/gtest.h>

namespace steno::service {
namespace {

TEST(UploadMetadata, IsReadIntoPairs) {
  const auto pairs = parse_upload_metadata("filename dGFsay5tcDM=, is_secret ,x");
  ASSERT_TRUE(pairs) << pairs.error().message;
  ASSERT_EQ(pairs->size(), 3u);
  EXPECT_EQ(pairs->at(0), std::pair(std::string("filename"), std::string("talk.mp3")));
  EXPECT_EQ(pairs->at(1).second, "");
  EXPECT_EQ(upload_file_name("name YQ=="), "a");
  EXPECT_TRUE(parse_upload_metadata("")->empty());
  for (const char* wrong : {"a YQ==,a YQ==", ",", "a YQ", "a b c", " ,a"}) {
    EXPECT_FALSE(parse_upload_metadata(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace steno::service
