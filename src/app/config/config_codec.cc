#include "app/config/config_codec.h"

#include <algorithm>

namespace steno::app {

Codec<bool> flag() {
  const auto read = [](const ConfigValue& value) -> std::optional<bool> {
    const auto* yes = std::get_if<bool>(&value);
    return yes ? std::optional(*yes) : std::nullopt;
  };
  return {ConfigKind::flag, "true or false", read, [](bool yes) { return ConfigValue(yes); }};
}

Codec<Duration> seconds(double low, double high) {
  const auto read = [low, high](const ConfigValue& value) -> std::optional<Duration> {
    const auto* number = std::get_if<double>(&value);
    if (!number || !(*number >= low && *number <= high)) return std::nullopt;
    return Duration(std::llround(*number * 1000));
  };
  return {ConfigKind::number,
          "a number of seconds from " + config_number(low) + " to " + config_number(high), read,
          [](const Duration& value) {
            return ConfigValue(std::chrono::duration<double>(value).count());
          }};
}

Codec<std::string> text(TextRule rule) {
  const auto read =
      [fits = std::move(rule.fits)](const ConfigValue& value) -> std::optional<std::string> {
    const auto* word = std::get_if<std::string>(&value);
    return word && fits(*word) ? std::optional(*word) : std::nullopt;
  };
  return {ConfigKind::text, std::move(rule.allowed), read,
          [](const std::string& value) { return ConfigValue(value); }};
}

Codec<std::vector<std::string>> texts(TextRule rule, std::size_t least) {
  using List = std::vector<std::string>;
  const auto read = [fits = std::move(rule.fits),
                     least](const ConfigValue& value) -> std::optional<List> {
    const auto* list = std::get_if<List>(&value);
    if (!list || list->size() < least || !std::ranges::all_of(*list, fits)) return std::nullopt;
    return *list;
  };
  return {ConfigKind::list,
          std::string(least > 0 ? "a list, not empty" : "a list") + ", each " + rule.allowed, read,
          [](const List& value) { return ConfigValue(value); }};
}

}  // namespace steno::app
