#include "api/uploads/tus.h"

#include <gtest/gtest.h>

namespace steno::api {
namespace {

TEST(Tus, ReadsChecksums) {
  EXPECT_TRUE(parse_upload_checksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="));
  for (const char* wrong : {"", "sha1", "md5 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1 Kq5s",
                            "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}) {
    EXPECT_FALSE(parse_upload_checksum(wrong)) << wrong;
  }
}

TEST(Tus, ReadsNumbersOfDigitsAlone) {
  EXPECT_EQ(parse_upload_number("0"), 0u);
  EXPECT_EQ(parse_upload_number("4294967296"), 4294967296u);
  for (const char* wrong : {"", "-1", "+1", "1.0", " 1", "1 ", "0x1", "99999999999999999999"}) {
    EXPECT_FALSE(parse_upload_number(wrong)) << wrong;
  }
}

TEST(Tus, WritesDatesAsHttpDoes) {
  EXPECT_EQ(to_http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace steno::api
