#include "http/forwarded.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace steno::http {
namespace {

struct Case {
  std::string peer;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string address;
  bool secure = false;
  std::string host = "inner:8080";
  std::string prefix = "";
};

RequestHead head_of(const Case& request, const TrustProxy& is_trusted) {
  RequestHead head;
  head.remote_address = request.peer;
  head.host = "inner:8080";
  for (const auto& [name, value] : request.headers) head.headers.add(name, value);
  apply_forwarded(head, is_trusted);
  return head;
}

bool is_proxy(std::string_view address) { return address.starts_with("10."); }

TEST(Forwarded, GivesTheClientOfTrustedProxies) {
  const Case cases[] = {
      {"10.0.0.1", {}, "10.0.0.1"},
      {"10.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}}, "192.0.2.7"},
      // A client cannot choose its address: the proxies append to what it sends.
      {"10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 192.0.2.7"}}, "192.0.2.7"},
      {"10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 192.0.2.7 , 10.0.0.2"}}, "192.0.2.7"},
      {"10.0.0.1", {{"X-Forwarded-For", "10.0.0.3"}}, "10.0.0.3"},
      {"10.0.0.1", {{"X-Forwarded-For", "192.0.2.7:5123"}}, "192.0.2.7"},
      {"10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]:5123"}}, "2001:db8::1"},
      {"10.0.0.1", {{"X-Forwarded-For", "2001:db8::1"}}, "2001:db8::1"},
      {"10.0.0.1", {{"X-Forwarded-For", "192.0.2.7, unknown"}}, "10.0.0.1"},
      {"10.0.0.1", {{"X-Forwarded-For", ","}}, "10.0.0.1"},
      {"10.0.0.1",
       {{"X-Forwarded-For", "192.0.2.7"},
        {"X-Forwarded-Proto", "https"},
        {"X-Forwarded-Host", "speech.example"},
        {"X-Forwarded-Prefix", "/steno/"}},
       "192.0.2.7",
       true,
       "speech.example",
       "/steno"},
      {"10.0.0.1",
       {{"X-Forwarded-Proto", "gopher"},
        {"X-Forwarded-Host", "a b\"<script>"},
        {"X-Forwarded-Prefix", "//evil.example/"}},
       "10.0.0.1"},
      {"10.0.0.1", {{"X-Forwarded-Prefix", "/a/../b"}}, "10.0.0.1"},
      {"10.0.0.1", {{"X-Forwarded-Prefix", "steno"}}, "10.0.0.1"},
  };
  for (const Case& each : cases) {
    const auto head = head_of(each, is_proxy);
    const std::string what = each.headers.empty() ? "none" : each.headers[0].second;
    EXPECT_EQ(head.remote_address, each.address) << what;
    EXPECT_EQ(head.secure, each.secure) << what;
    EXPECT_EQ(head.host, each.host) << what;
    EXPECT_EQ(head.prefix, each.prefix) << what;
  }
}

TEST(Forwarded, IgnoresTheHeadersOfOthers) {
  const Case request{"192.0.2.1",
                     {{"X-Forwarded-For", "10.0.0.9"},
                      {"X-Forwarded-Proto", "https"},
                      {"X-Forwarded-Host", "speech.example"},
                      {"X-Forwarded-Prefix", "/steno"}},
                     "192.0.2.1"};
  const TrustProxy rules[] = {is_proxy, nullptr};
  for (const TrustProxy& trust : rules) {
    const auto head = head_of(request, trust);
    EXPECT_EQ(head.remote_address, "192.0.2.1");
    EXPECT_FALSE(head.secure);
    EXPECT_EQ(head.host, "inner:8080");
    EXPECT_EQ(head.prefix, "");
  }
}

}  // namespace
}  // namespace steno::http
