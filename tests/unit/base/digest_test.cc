#include "base/digest.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(Digest, IsTheSameForAnyPieces) {
  Digest digest;
  digest.add("a");
  digest.add("");
  digest.add("bc");
  EXPECT_EQ(digest.finish(), sha256("abc"));
}

TEST(Digest, KnowsSha1) {
  Digest digest(Digest::Kind::sha1);
  digest.add("abc");
  EXPECT_EQ(to_hex(digest.finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

}  // namespace
}  // namespace steno
