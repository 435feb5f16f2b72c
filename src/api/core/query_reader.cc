#include "api/core/query_reader.h"

#include <algorithm>
#include <charconv>

#include "service/text_limits.h"

namespace steno::api {
namespace {

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::optional<std::int64_t> as_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string_view> QueryReader::take(std::string_view name) {
  taken_.emplace_back(name);
  const auto values = query_.all(name);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) complain("duplicate_field", name, "must be given once");
  return values.front();
}

std::optional<std::string> QueryReader::text(std::string_view name, std::size_t longest) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (value->empty() || service::count_characters(*value) > longest) {
    complain("invalid_text", name, "must have 1 to " + std::to_string(longest) + " characters");
    return std::nullopt;
  }
  return std::string(*value);
}

std::optional<std::int64_t> QueryReader::integer(std::string_view name, std::int64_t least,
                                                 std::int64_t most) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  const auto number = as_integer(*value);
  if (number && *number >= least && *number <= most) return number;
  complain(number ? "out_of_range" : "wrong_type", name,
           "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<bool> QueryReader::flag(std::string_view name) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (value->empty() || *value == "true" || *value == "1") return true;
  if (*value == "false" || *value == "0") return false;
  complain("wrong_type", name, "must be true or false");
  return std::nullopt;
}

std::optional<Time> QueryReader::time(std::string_view name) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (const auto moment = parse_iso8601(*value)) return *moment;
  complain("wrong_type", name,
           "must be a moment like 2026-11-25T18:03:07Z (an offset's + is written %2B)");
  return std::nullopt;
}

std::optional<std::string> QueryReader::day(std::string_view name) {
  constexpr std::size_t kLength = 10;
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (value->size() == kLength && parse_iso8601(*value)) return std::string(*value);
  complain("wrong_type", name, "must be a day like 2026-11-25");
  return std::nullopt;
}

std::optional<std::string> QueryReader::choice(std::string_view name,
                                               std::span<const std::string_view> choices) {
  const auto value = take(name);
  if (!value) return std::nullopt;
  if (std::ranges::find(choices, *value) != choices.end()) return std::string(*value);
  complain("not_a_choice", name, "must be one of " + joined(choices));
  return std::nullopt;
}

void QueryReader::finish() {
  for (const auto& [name, value] : query_) {
    if (std::ranges::find(taken_, name) != taken_.end()) continue;
    taken_.push_back(name);
    complain("unknown_field", name, "is not a parameter of this call");
  }
  complaints_.raise();
}

}  // namespace steno::api
