#include "domain/api_key.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace steno {
namespace {

TEST(ApiKey, EveryNewOneIsWellFormedAndDifferent) {
  const std::string first = make_api_key();
  const std::string second = make_api_key();
  EXPECT_TRUE(is_api_key(first)) << first;
  EXPECT_TRUE(is_api_key(second)) << second;
  EXPECT_NE(first, second);
  EXPECT_EQ(first.size(), 39u);
}

TEST(ApiKey, DetectsEveryMistypedCharacter) {
  const std::string key = make_api_key();
  for (size_t i = 0; i < key.size(); ++i) {
    std::string wrong = key;
    wrong[i] = key[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(is_api_key(wrong)) << wrong;
  }
  EXPECT_FALSE(is_api_key(key.substr(1)));
  EXPECT_FALSE(is_api_key(key + "a"));
  EXPECT_FALSE(is_api_key(""));
}

TEST(ApiKey, IsStoredAsItsSha256) {
  EXPECT_EQ(to_hex(hash_api_key("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ApiKey, ScopesAreReadAsTheyAreWritten) {
  const Scopes some = static_cast<Scopes>(Scope::submit) | static_cast<Scopes>(Scope::metrics);
  EXPECT_EQ(to_text(some), "submit,metrics");
  EXPECT_EQ(parse_scopes("submit,metrics"), some);
  EXPECT_EQ(parse_scopes(" metrics , submit"), some);
  for (const char* wrong : {"", "submit,", "Submit", "write", ",read"}) {
    EXPECT_FALSE(parse_scopes(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace steno
