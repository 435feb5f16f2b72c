#include "base/url.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(UrlTest, ComparesOrigins) {
  EXPECT_EQ(origin("https://Host.example/a?b"), "https://host.example:443");
  EXPECT_EQ(origin("https://host.example:443/x"), origin("https://host.example"));
  EXPECT_NE(origin("http://host.example"), origin("https://host.example"));
  EXPECT_NE(origin("http://host.example:81"), origin("http://host.example"));
  EXPECT_NE(origin("https://host.example.other"), origin("https://host.example"));
  // The part before an @ is a user name, not a host.
  EXPECT_EQ(origin("https://host.example@other/"), "https://other:443");
  for (const char* const url : {"ftp://host", "file:///etc/passwd", "host", "", "https://"}) {
    EXPECT_EQ(origin(url), std::nullopt) << url;
  }
  EXPECT_EQ(host_of("https://host.example/a"), "host.example");
  EXPECT_EQ(host_of("http://127.0.0.1:8080/a"), "127.0.0.1:8080");
  EXPECT_EQ(host_of("https://user:secret@host.example/a"), "host.example");
  EXPECT_EQ(host_of("no URL"), "");
}

TEST(UrlTest, EncodesPartsOfAUrl) {
  EXPECT_EQ(percent_encoded("owner/repo-1.5_x~", "/"), "owner/repo-1.5_x~");
  EXPECT_EQ(percent_encoded("a/b"), "a%2Fb");
  EXPECT_EQ(percent_encoded("a b?c#d%e\xc3\xa9", "/"), "a%20b%3Fc%23d%25e%C3%A9");
}

TEST(UrlTest, LeavesOutWhatIsSecret) {
  EXPECT_EQ(bare_url("https://user:secret@host.example:81/a/b?token=c#d"),
            "https://host.example:81/a/b");
  EXPECT_EQ(bare_url("no URL?token=c"), "");
}

}  // namespace
}  // namespace steno
