#include "telemetry/log_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace steno {
namespace {

constexpr size_t kLongestMessage = 2048;
constexpr size_t kLongestValue = 1024;
constexpr size_t kLongestName = 64;
constexpr size_t kRoomForEnd = 16;  // "cut":true and the line's end

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};
  return kNames.at(static_cast<size_t>(level));
}

// 2026-01-31T12:00:00.000Z
std::string time_text(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t whole = seconds.count();
  std::tm utc{};
  gmtime_r(&whole, &utc);
  char text[64];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text + length, sizeof text - length, ".%03dZ",
                static_cast<int>((since - seconds).count()));
  return text;
}

// The start of a text with at most that many bytes, cut between characters.
std::string shortened(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  if (end == 0) end = most;  // not a text at all
  return std::string(text.substr(0, end)) + "…";
}

// In quotes. Bytes that are not UTF-8 become U+FFFD. Escapes count towards `most` too.
std::string quoted(std::string_view text, size_t most) {
  for (size_t length = most;; length /= 2) {
    std::string json = nlohmann::json(shortened(text, length))
                           .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (json.size() <= most + 8) return json;
  }
}

bool is_control(std::string_view text, size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7F) return true;
  if (byte != 0xC2 || at + 1 == text.size()) return false;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next < 0xA0;
}

// Text for a terminal on one line. Control characters, including non-ASCII ones, become '?'.
std::string for_terminal(std::string_view text, size_t most) {
  std::string clean;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool has_two_bytes = static_cast<unsigned char>(text[i]) == 0xC2;
    const bool is_bad = is_control(text, i);
    clean += is_bad ? '?' : text[i];
    if (is_bad && has_two_bytes) ++i;
  }
  const std::string json = quoted(clean, most);
  std::string bare;
  for (size_t i = 1; i + 1 < json.size(); ++i) {
    if (json[i] == '\\') ++i;  // only quotes and backslashes are still escaped
    bare += json[i];
  }
  return bare;
}

std::string number_text(double number) { return nlohmann::json(number).dump(); }

struct JsonText {
  std::string operator()(bool yes) const { return yes ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return number_text(number); }
  std::string operator()(std::string_view text) const { return quoted(text, kLongestValue); }
};

struct PlainText : JsonText {
  using JsonText::operator();
  std::string operator()(std::string_view text) const {
    const std::string clean = for_terminal(text, kLongestValue);
    const bool is_word = !clean.empty() && clean.find_first_of(" =\"\\") == std::string::npos;
    return is_word ? clean : quoted(clean, kLongestValue);
  }
};

std::string_view colour_of(LogLevel level) {
  constexpr std::array<std::string_view, 4> kColours = {"\033[2m", "\033[32m", "\033[33m",
                                                        "\033[31m"};
  return kColours.at(static_cast<size_t>(level));
}

// Adds the fields that fit. Returns false if one did not fit.
template <class TextOf>
bool add_fields(std::string& line, LogFields fields, TextOf text_of) {
  bool all = true;
  for (const LogField& field : fields) {
    const std::string text = text_of(field);
    const bool fits = line.size() + text.size() + kRoomForEnd <= kLongestLogLine;
    if (fits) line += text;
    all = all && fits;
  }
  return all;
}

}  // namespace

std::string json_log_line(const LogEvent& event) {
  std::string line = R"({"time":")" + time_text(event.time) + R"(","level":")" +
                     std::string(name_of(event.level)) + R"(","message":)" +
                     quoted(event.message, kLongestMessage);
  const bool all = add_fields(line, event.fields, [](const LogField& field) {
    return "," + quoted(field.name, kLongestName) + ":" + std::visit(JsonText(), field.value.get());
  });
  return line + (all ? "}\n" : ",\"cut\":true}\n");
}

std::string plain_log_line(const LogEvent& event, LogColours colours) {
  std::string level(name_of(event.level));
  level.resize(std::string_view("warning").size(), ' ');
  if (colours == LogColours::on) level = std::string(colour_of(event.level)) + level + "\033[0m";
  std::string line =
      time_text(event.time) + " " + level + " " + for_terminal(event.message, kLongestMessage);
  const bool all = add_fields(line, event.fields, [](const LogField& field) {
    return " " + for_terminal(field.name, kLongestName) + "=" +
           std::visit(PlainText(), field.value.get());
  });
  return line + (all ? "\n" : " cut=true\n");
}

}  // namespace steno
