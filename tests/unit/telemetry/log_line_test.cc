#include "telemetry/log_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

namespace steno {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::system_clock::time_point kTime{std::chrono::milliseconds(1'769'860'805'042)};

LogEvent event(std::string_view message, LogFields fields = {}) {
  return {kTime, LogLevel::info, message, fields};
}

TEST(JsonLogLine, IsOneObject) {
  EXPECT_EQ(json_log_line({kTime,
                           LogLevel::warning,
                           "job finished",
                           {{"job_id", std::string("j1")},
                            {"seconds", 1.2},
                            {"ok", true},
                            {"bytes", std::size_t{7}},
                            {"change", -3}}}),
            R"({"time":"2026-01-31T12:00:05.042Z","level":"warning","message":"job finished",)"
            R"("job_id":"j1","seconds":1.2,"ok":true,"bytes":7,"change":-3})"
            "\n");
}

TEST(JsonLogLine, EscapesWhatWouldBreakIt) {
  const std::string line =
      json_log_line(event("a\nb\"\\\x1b", {{"na\"me", std::string_view("\0\x7f\xff\xc3", 4)}}));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("message"), "a\nb\"\\\x1b");
  EXPECT_EQ(json.at("na\"me"), std::string("\0\x7f\uFFFD\uFFFD", 8));
}

TEST(JsonLogLine, TakesNumbersThatJsonDoesNotHave) {
  const auto json = nlohmann::json::parse(
      json_log_line(event("x", {{"nan", std::numeric_limits<double>::quiet_NaN()},
                                {"most", std::numeric_limits<std::uint64_t>::max()}})));
  EXPECT_TRUE(json.at("nan").is_null());
  EXPECT_EQ(json.at("most"), std::numeric_limits<std::uint64_t>::max());
}

TEST(JsonLogLine, CutsLongTextBetweenCharacters) {
  std::string message;
  for (int i = 0; i < 5000; ++i) message += "א";
  const std::string line = json_log_line(event(message));
  EXPECT_LE(line.size(), kLongestLogLine);
  const std::string cut = nlohmann::json::parse(line).at("message");
  EXPECT_EQ(cut, message.substr(0, 2048) + "…");
}

TEST(JsonLogLine, LeavesOutFieldsThatDoNotFitAndSaysSo) {
  const std::string value(1000, 'v');
  const std::string line = json_log_line(
      event("m", {{"a", value}, {"b", value}, {"c", value}, {"d", value}, {"e", value}, {"f", 1}}));
  EXPECT_LE(line.size(), kLongestLogLine);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("cut"), true);
  EXPECT_EQ(json.at("c"), value);
  EXPECT_FALSE(json.contains("e"));
  EXPECT_EQ(json.at("f"), 1);
}

TEST(PlainLogLine, IsForPeople) {
  EXPECT_EQ(
      plain_log_line(
          event("job finished",
                {{"job_id", "j1"}, {"file", "my talk.mp3"}, {"note", ""}, {"seconds", 1.5}}),
          LogColours::off),
      "2026-01-31T12:00:05.042Z info    job finished job_id=j1 file=\"my talk.mp3\" note=\"\" "
      "seconds=1.5\n");
  EXPECT_THAT(plain_log_line(event("x"), LogColours::on), HasSubstr("\033[32minfo   \033[0m x"));
}

TEST(PlainLogLine, NeverCommandsTheTerminal) {
  const std::string line = plain_log_line(
      event("a\x1b[2J\nb \"q\" \\ \u009b2J ש", {{"k", "x\x1by\u009bz"}}), LogColours::off);
  EXPECT_THAT(line, HasSubstr("a?[2J?b \"q\" \\ ?2J ש k=x?y?z\n"));
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
}

TEST(LogLines, AreWholeWhateverTheyAreGiven) {
  std::mt19937 random(1);
  const auto bytes = [&](size_t most) {
    std::string text(random() % most, '\0');
    const bool any = random() % 2 == 0;
    for (char& c : text) c = static_cast<char>(any ? random() % 256 : random() % 32);
    return text;
  };
  for (int i = 0; i < 300; ++i) {
    const std::string message = bytes(6000);
    const std::string name = bytes(200);
    const std::string value = bytes(3000);
    const LogFields fields = {{name, value}, {"b", value}, {"c", value}, {"d", value}, {"e", i}};
    const std::string json = json_log_line(event(message, fields));
    const std::string plain = plain_log_line(event(message, fields), LogColours::on);
    EXPECT_TRUE(nlohmann::json::accept(json));
    // JSON's parser takes valid UTF-8 only.
    EXPECT_TRUE(nlohmann::json::accept(nlohmann::json(plain).dump()));
    for (const std::string& line : {json, plain}) {
      EXPECT_LE(line.size(), kLongestLogLine);
      EXPECT_EQ(std::ranges::count(line, '\n'), 1);
      EXPECT_EQ(line.back(), '\n');
    }
  }
}

}  // namespace
}  // namespace steno
