#include "blob/signed_link.h"

#include <gtest/gtest.h>

namespace steno::blob {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

LinkSecret secret_of(std::byte filling) {
  LinkSecret secret;
  secret.fill(filling);
  return secret;
}

const LinkSecret kSecret = secret_of(std::byte{'k'});
const auto kExpires = system_clock::from_time_t(1700000000);
constexpr auto kPath = "/api/v1/jobs/1/audio";

TEST(SignedLinkTest, IsHmacSha256OfWhatStandsBeforeTheSignature) {
  // printf '/api/v1/jobs/1/audio?expires=1700000000' |
  //   openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk
  EXPECT_EQ(sign_link(kPath, kExpires, kSecret),
            "/api/v1/jobs/1/audio?expires=1700000000&signature="
            "a57961e072976a05be4c89c2ed4431c3e584d7849d3efcf941b7839551bc01a2");
}

TEST(SignedLinkTest, IsGoodUntilItExpires) {
  const std::string link = sign_link(kPath, kExpires, kSecret);
  EXPECT_EQ(verify_link(link, kExpires - seconds(1), kSecret).value(), kPath);
  EXPECT_EQ(verify_link(link, kExpires, kSecret).error().code, Errc::not_found);
}

TEST(SignedLinkTest, RefusesAnyChange) {
  const std::string link = sign_link(kPath, kExpires, kSecret);
  const auto now = kExpires - seconds(1);
  for (std::size_t i = 0; i < link.size(); ++i) {
    std::string changed = link;
    changed[i] = changed[i] == '1' ? '2' : '1';
    EXPECT_EQ(verify_link(changed, now, kSecret).error().code, Errc::invalid_argument) << changed;
    EXPECT_FALSE(verify_link(link.substr(0, i), now, kSecret)) << i;
  }
  EXPECT_FALSE(verify_link(link + "0", now, kSecret));
  EXPECT_FALSE(verify_link(link + "&format=txt", now, kSecret));
  EXPECT_FALSE(verify_link(link, now, secret_of(std::byte{'j'})));
}

TEST(SignedLinkTest, RefusesWhatWasNoPathWhenItWasSigned) {
  const auto now = kExpires - seconds(1);
  for (const char* const path : {"", "jobs", "/jobs?a=b"}) {
    EXPECT_FALSE(verify_link(sign_link(path, kExpires, kSecret), now, kSecret)) << path;
  }
}

}  // namespace
}  // namespace steno::blob
