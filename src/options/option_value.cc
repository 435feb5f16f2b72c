// Reads, checks and describes single values. The table itself is in option_table.cc.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/nearest.h"
#include "options/known_speaker_check.h"
#include "options/option_json.h"
#include "options/option_table.h"
#include "options/replace_rule.h"
#include "transcript/languages.h"

namespace steno {
namespace {

constexpr size_t kMostNumbers = 10000;  // of a list
constexpr size_t kMostRules = 100;
constexpr size_t kLongestText = 100 * 1024;  // bytes; models read only some hundred tokens of it

std::string number_text(double number) {
  char buffer[32];
  const bool plain = std::abs(number) < 1e15 && (number == 0 || std::abs(number) > 1e-6);
  const auto style = plain ? std::chars_format::fixed : std::chars_format::general;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, style).ptr;
  return std::string(buffer, end);
}

std::string join(const std::vector<std::string>& words, std::string_view last) {
  std::string joined;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) joined += i + 1 == words.size() ? std::string(last) : ", ";
    joined += words[i];
  }
  return joined;
}

std::string range_text(const Range& range) {
  if (range.above) {
    return "above " + number_text(range.low) + " and at most " + number_text(range.high);
  }
  if (range.next) {
    return number_text(range.low) + " or from " + number_text(*range.next) + " to " +
           number_text(range.high);
  }
  return "from " + number_text(range.low) + " to " + number_text(range.high);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::optional<double> read_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whether this is UTF-8 (RFC 3629) without control characters other than tab and line ends.
bool is_readable_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      if (lead < 0x20 && lead != '\t' && lead != '\n' && lead != '\r') return false;
      ++i;
      continue;
    }
    const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + length > text.size()) return false;
    char32_t point = lead & (0x7F >> length);
    for (size_t j = 1; j < length; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3F);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) return false;
    i += length;
  }
  return true;
}

// The given value, short enough for a message.
std::string shown(const OptionValue& value) {
  constexpr size_t kLongestShown = 60;
  std::string text = option_text(value);
  if (!is_readable_text(text)) return "bytes that are not UTF-8 text";
  if (text.size() > kLongestShown) {
    size_t end = kLongestShown;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end) + "…";
  }
  return "\"" + text + "\"";
}

bool is_whole(OptionType type) { return type == OptionType::wholes || type == OptionType::whole; }

bool number_fits(double number, OptionType type, const std::optional<Range>& range) {
  if (!std::isfinite(number)) return false;
  if (is_whole(type) && number != std::floor(number)) return false;
  if (!range) return true;
  if (range->next && number > range->low && number < *range->next) return false;
  return number <= range->high && (range->above ? number > range->low : number >= range->low);
}

std::vector<std::string> language_words() {
  std::vector<std::string> words;
  for (const Language& language : languages()) {
    words.emplace_back(language.name);
  }
  return words;
}

std::vector<std::string> read_words(std::string_view text) {
  std::vector<std::string> words;
  for (bool more = !trimmed(text).empty(); more;) {
    const size_t comma = text.find(',');
    words.emplace_back(trimmed(text.substr(0, comma)));
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return words;
}

template <class List>
std::optional<OptionValue> converted_list(const OptionValue& value) {
  if (std::holds_alternative<List>(value)) return value;
  // An empty list fits every list type.
  const auto* numbers = std::get_if<std::vector<double>>(&value);
  return numbers && numbers->empty() ? std::optional<OptionValue>(List()) : std::nullopt;
}

// Converts a value to the option's type, without checking its range.
std::optional<OptionValue> converted(OptionType type, const OptionValue& value) {
  const auto* number = std::get_if<double>(&value);
  switch (type) {
    case OptionType::flag:
      if (std::holds_alternative<bool>(value)) return value;
      if (number && (*number == 0 || *number == 1)) return OptionValue(*number == 1);
      return std::nullopt;
    case OptionType::whole:
    case OptionType::number:
      return number ? std::optional(value) : std::nullopt;
    case OptionType::wholes:
    case OptionType::numbers:
      if (number) return OptionValue(std::vector<double>{*number});
      return std::holds_alternative<std::vector<double>>(value) ? std::optional(value)
                                                                : std::nullopt;
    case OptionType::choices:
      if (const auto* text = std::get_if<std::string>(&value))
        return OptionValue(read_words(*text));
      return converted_list<std::vector<std::string>>(value);
    case OptionType::rules:
      return converted_list<std::vector<ReplaceRule>>(value);
    case OptionType::speakers:
      return converted_list<std::vector<KnownSpeaker>>(value);
    case OptionType::text:
    case OptionType::choice:
    case OptionType::language:
      return std::holds_alternative<std::string>(value) ? std::optional(value) : std::nullopt;
  }
  return std::nullopt;
}

Result<void> check_rules(const std::string& name, const std::vector<ReplaceRule>& rules) {
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string which = name + "[" + std::to_string(i) + "]: ";
    if (!is_readable_text(rules[i].pattern) || !is_readable_text(rules[i].replacement)) {
      return fail(Errc::invalid_argument, which + "text must be UTF-8 without control characters");
    }
    if (const auto good = check_rule(rules[i]); !good) {
      return fail(Errc::invalid_argument, which + good.error().message);
    }
  }
  return {};
}

OptionValue read_list(std::string_view text) {
  std::vector<double> numbers;
  for (std::string_view rest = text; !trimmed(rest).empty();) {
    const size_t comma = rest.find(',');
    const auto number = read_number(rest.substr(0, comma));
    if (!number) return std::string(text);
    numbers.push_back(*number);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return numbers;
}

template <class List>
OptionValue read_json(std::string_view text) {
  if (trimmed(text).empty()) return List();
  const auto value = parse_option_json(text);
  return value && std::holds_alternative<List>(*value) ? *value : OptionValue(std::string(text));
}

// Parses text as the option's type. Text that does not have that type is returned as text, for
// `checked`.
OptionValue read(OptionType type, std::string_view text) {
  switch (type) {
    case OptionType::flag:
      for (const char* yes : {"true", "yes", "on", "1"}) {
        if (same_word(trimmed(text), yes)) return true;
      }
      for (const char* no : {"false", "no", "off", "0"}) {
        if (same_word(trimmed(text), no)) return false;
      }
      return std::string(text);
    case OptionType::whole:
    case OptionType::number:
      if (const auto number = read_number(text)) return *number;
      return std::string(text);
    case OptionType::wholes:
    case OptionType::numbers:
      return read_list(text);
    case OptionType::choices:
      return read_words(text);
    case OptionType::rules:
      return read_json<std::vector<ReplaceRule>>(text);
    case OptionType::speakers:
      return read_json<std::vector<KnownSpeaker>>(text);
    case OptionType::choice:
    case OptionType::language:
      return std::string(trimmed(text));
    case OptionType::text:
      return std::string(text);
  }
  return {};
}

}  // namespace

template <class Owner>
std::string Option<Owner>::allowed() const {
  std::string words;
  switch (type) {
    case OptionType::flag:
      words = "true or false";
      break;
    case OptionType::whole:
      words = "a whole number";
      break;
    case OptionType::number:
      words = "a number";
      break;
    case OptionType::wholes:
      words = "whole numbers, separated by commas, each";
      break;
    case OptionType::numbers:
      words = "numbers, separated by commas, each";
      break;
    case OptionType::text:
      words = "text in UTF-8 without control characters, at most 100 kB";
      break;
    case OptionType::choice:
      words = join(choices, " or ");
      break;
    case OptionType::choices:
      words = "one or more of " + join(choices, " and ") + ", separated by commas";
      break;
    case OptionType::rules:
      words = "a list of at most " + std::to_string(kMostRules) +
              " objects {\"pattern\": TEXT, \"replacement\": TEXT}";
      break;
    case OptionType::speakers:
      words = "a list of at most " + std::to_string(kMostKnownSpeakers) +
              " objects {\"name\": TEXT, \"audio_base64\": TEXT}";
      break;
    case OptionType::language:
      words = "a language's code or English name, such as en or german";
      break;
  }
  if (range) words += " " + range_text(*range);
  if (nullable) words += ", or none";
  return words;
}

template <class Owner>
Result<OptionValue> Option<Owner>::checked(const OptionValue& value) const {
  const auto refused = [&](const std::string& hint = "") {
    return fail(Errc::invalid_argument,
                name + " must be " + allowed() + ", not " + shown(value) + hint);
  };
  if (std::holds_alternative<std::monostate>(value)) {
    return nullable ? Result<OptionValue>(value) : refused();
  }
  const auto typed = converted(type, value);
  if (!typed) return refused();
  if (const auto* number = std::get_if<double>(&*typed)) {
    if (!number_fits(*number, type, range)) return refused();
  }
  if (const auto* numbers = std::get_if<std::vector<double>>(&*typed)) {
    if (numbers->size() > kMostNumbers || (numbers->empty() && !nullable)) return refused();
    for (const double number : *numbers) {
      if (!number_fits(number, type, range)) return refused();
    }
  }
  if (const auto* words = std::get_if<std::vector<std::string>>(&*typed)) {
    const auto is_known = [this](const std::string& word) {
      return std::ranges::find(choices, word) != choices.end();
    };
    if (words->size() > choices.size() || !std::ranges::all_of(*words, is_known)) return refused();
  }
  if (const auto* rules = std::get_if<std::vector<ReplaceRule>>(&*typed)) {
    if (rules->size() > kMostRules) return refused();
    if (const auto good = check_rules(name, *rules); !good) return tl::unexpected(good.error());
  }
  if (const auto* speakers = std::get_if<std::vector<KnownSpeaker>>(&*typed)) {
    if (speakers->size() > kMostKnownSpeakers) return refused();
    if (const auto good = check_known_speakers(name, *speakers); !good) {
      return tl::unexpected(good.error());
    }
  }
  const auto* text = std::get_if<std::string>(&*typed);
  if (!text) return *typed;
  if (type == OptionType::language) {
    if (nullable && (same_word(*text, "auto") || same_word(*text, "none"))) return OptionValue();
    if (const auto code = find_language(*text)) return OptionValue(*code);
    return refused(did_you_mean(*text, language_words()));
  }
  if (type == OptionType::choice && std::ranges::find(choices, *text) == choices.end()) {
    return refused(did_you_mean(*text, choices));
  }
  if (text->size() > kLongestText || !is_readable_text(*text)) return refused();
  return *typed;
}

template <class Owner>
Result<OptionValue> Option<Owner>::parsed(std::string_view text) const {
  if (nullable && same_word(trimmed(text), "none")) return checked(OptionValue());
  return checked(read(type, text));
}

template struct Option<TranscribeOptions>;
template struct Option<DeviceOptions>;

std::string option_text(const OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
    std::string joined;
    for (const auto& word : *words) joined += (joined.empty() ? "" : ",") + word;
    return joined;
  }
  if (const auto* rules = std::get_if<std::vector<ReplaceRule>>(&value)) return list_text(*rules);
  if (const auto* speakers = std::get_if<std::vector<KnownSpeaker>>(&value)) {
    return list_text(*speakers);
  }
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    std::string joined;
    for (const double number : *numbers) {
      if (!joined.empty()) joined += ',';
      joined += number_text(number);
    }
    return joined;
  }
  return "none";
}

}  // namespace steno
