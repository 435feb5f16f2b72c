#include <charconv>

#include "app/config/config_table.h"

namespace steno::app {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> items;
  while (!trimmed(text).empty()) {
    const size_t comma = text.find(',');
    items.emplace_back(trimmed(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

bool is_list(ConfigKind kind) { return kind == ConfigKind::list || kind == ConfigKind::numbers; }

// Whether the value has that kind, without checking its content.
bool is_of(ConfigKind kind, const ConfigValue& value) {
  switch (kind) {
    case ConfigKind::flag:
      return std::holds_alternative<bool>(value);
    case ConfigKind::number:
      return std::holds_alternative<double>(value);
    case ConfigKind::text:
      return std::holds_alternative<std::string>(value);
    case ConfigKind::list:
    case ConfigKind::numbers:
      break;
  }
  return std::holds_alternative<std::vector<std::string>>(value);
}

// Text that does not have its kind stays text, which `put` refuses.
ConfigValue read_text(ConfigKind kind, std::string_view text) {
  const std::string_view word = trimmed(text);
  if (is_list(kind)) return items_of(text);
  if (kind == ConfigKind::flag && (word == "true" || word == "false")) return word == "true";
  if (kind == ConfigKind::number) {
    double number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc() && end == word.data() + word.size()) return number;
  }
  return std::string(text);
}

}  // namespace

std::string ConfigKey::variable() const {
  std::string variable = "STENO_";
  for (const char c : name) {
    variable += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return variable;
}

std::string ConfigKey::complaint(const std::string& shown) const {
  return name + " must be " + allowed + (secrecy == Secrecy::secret ? "" : ", not " + shown);
}

Result<void> ConfigKey::set(Settings& settings, const ConfigValue& value) const {
  const ConfigValue typed = is_list(kind) && !is_of(kind, value)
                                ? ConfigValue(std::vector<std::string>{config_text(value)})
                                : value;
  if (is_of(kind, typed) && put(settings, typed)) return {};
  return fail(Errc::invalid_argument, complaint("\"" + config_text(value) + "\""));
}

Result<void> ConfigKey::set_text(Settings& settings, std::string_view text) const {
  return set(settings, read_text(kind, text));
}

std::string config_number(double number) {
  char digits[400];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
  return {digits, end.ptr};
}

std::string config_text(const ConfigValue& value) {
  if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return config_number(*number);
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  std::string joined;
  for (const std::string& item : std::get<std::vector<std::string>>(value)) {
    joined += (joined.empty() ? "" : ",") + item;
  }
  return joined;
}

}  // namespace steno::app
