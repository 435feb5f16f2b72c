#include "base/loopback.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(Loopback, IsThisMachineAlone) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host :
       {"", "localhost.evil.example", "127.0.0.1.evil.example", "128.0.0.1", "0.0.0.0", "::", "::2",
        "[::1]", "127.1", "2130706433", "localhos", "10.0.0.1"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
  EXPECT_FALSE(is_loopback_host(std::string_view("localhost\0.evil.example", 23)));
}

}  // namespace
}  // namespace steno
