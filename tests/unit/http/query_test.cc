#include "http/query.h"

#include <gmock/gmock.h>

namespace steno::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Query, IsDecodedInItsOrder) {
  const auto query = decode_query("a=1&b=x%20y+z&a=%d7%a9&flag&=v&&c==");
  ASSERT_TRUE(query.has_value());
  EXPECT_THAT(std::vector(query->begin(), query->end()),
              ElementsAre(Pair("a", "1"), Pair("b", "x y z"), Pair("a", "ש"), Pair("flag", ""),
                          Pair("", "v"), Pair("c", "=")));
  EXPECT_EQ(query->get("a"), "1");
  EXPECT_EQ(query->get("none"), std::nullopt);
  EXPECT_THAT(query->all("a"), ElementsAre("1", "ש"));
}

TEST(Query, RefusesWhatCannotBeDecoded) {
  for (const char* bad :
       {"a=%", "a=%4", "a=%4g", "a=%%41", "%zz=1", "a=%00", "a=%ff", "a=%c0%80"}) {
    EXPECT_FALSE(decode_query(bad).has_value()) << bad;
  }
}

TEST(Path, IsDecodedSegmentBySegment) {
  EXPECT_THAT(decode_path("/").value(), IsEmpty());
  EXPECT_THAT(decode_path("/a/b%2Fc/x+y/").value(), ElementsAre("a", "b/c", "x+y", ""));
  EXPECT_THAT(decode_path("//a").value(), ElementsAre("", "a"));
  for (const char* bad : {"", "a", "/%", "/%2", "/a%00", "/%ff"}) {
    EXPECT_FALSE(decode_path(bad).has_value()) << bad;
  }
}

TEST(Target, IsSplit) {
  const auto origin = split_target("/a?b?c").value();
  EXPECT_EQ(origin.authority, "");
  EXPECT_EQ(origin.path, "/a");
  EXPECT_EQ(origin.query, "b?c");
  const auto absolute = split_target("HTTP://host:1?q").value();
  EXPECT_EQ(absolute.authority, "host:1");
  EXPECT_EQ(absolute.path, "/");
  EXPECT_EQ(absolute.query, "q");
  EXPECT_EQ(split_target("*").value().path, "*");
  for (const char* bad :
       {"", "a", "host:80", "http:///x", "ftp://a/", "/a b", "/a#b", "/\xc3\xa9"}) {
    EXPECT_FALSE(split_target(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace steno::http
