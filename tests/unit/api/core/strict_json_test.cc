#include "api/core/strict_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace steno::api {
namespace {

TEST(StrictJson, ReadsWhatIsJson) {
  const auto value = parse_strict_json(R"({"a": [1, {"a": "\u00e9"}], "b": null})");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ((*value)["a"][1]["a"], "é");
}

TEST(StrictJson, RefusesWhatOthersReadInTwoWays) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"a": 1, "a": 2})", "\"a\" comes twice"},
      {R"({"x": {"b": 1, "b": 1}})", "\"b\" comes twice"},
      {R"({"a": NaN})", "not valid JSON"},
      {R"({"a": 1e999})", "too large"},
      {R"({"a": 01})", "not valid JSON"},
      {"{\"a\": \"\xff\"}", "not valid JSON"},
      {R"({"a": "\ud800"})", "not valid JSON"},
      {R"({"a": 1} x)", "not valid JSON"},
      {R"({'a': 1})", "not valid JSON"},
      {R"({"a": 1,})", "not valid JSON"},
      {"", "not valid JSON"},
  };
  for (const auto& [text, reason] : cases) {
    const auto value = parse_strict_json(text);
    ASSERT_FALSE(value) << text;
    EXPECT_NE(value.error().message.find(reason), std::string::npos) << value.error().message;
  }
}

TEST(StrictJson, RefusesDeepNesting) {
  EXPECT_TRUE(parse_strict_json(std::string(16, '[') + std::string(16, ']')));
  EXPECT_FALSE(parse_strict_json(std::string(17, '[') + std::string(17, ']')));
  EXPECT_FALSE(parse_strict_json(std::string(100'000, '[') + std::string(100'000, ']')));
}

}  // namespace
}  // namespace steno::api
