#pragma once

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/config/config_rules.h"
#include "app/config/config_table.h"

namespace steno::app {

/// Converts a member of type T from and to a setting's value.
template <class T>
struct Codec {
  ConfigKind kind;
  std::string allowed;
  /// Returns none if the value is not allowed.
  std::function<std::optional<T>(const ConfigValue&)> read;
  std::function<ConfigValue(const T&)> write;
};

/// true or false.
Codec<bool> flag();
/// Seconds from `low` to `high`, with a resolution of 1 ms.
Codec<Duration> seconds(double low, double high);
/// A single text.
Codec<std::string> text(TextRule rule);
/// A list of at least `least` texts.
Codec<std::vector<std::string>> texts(TextRule rule, std::size_t least = 0);

/// A whole number from `low` to `high`.
template <class T>
Codec<T> whole(double low, double high) {
  const auto read = [low, high](const ConfigValue& value) -> std::optional<T> {
    const auto* number = std::get_if<double>(&value);
    if (!number || !(*number >= low && *number <= high)) return std::nullopt;
    return *number == std::floor(*number) ? std::optional(static_cast<T>(*number)) : std::nullopt;
  };
  return {ConfigKind::number,
          "a whole number from " + config_number(low) + " to " + config_number(high), read,
          [](const T& value) { return ConfigValue(static_cast<double>(value)); }};
}

/// One of the words, which are in the order of E's enumerators.
template <class E>
Codec<E> choice(const std::vector<std::string>& words) {
  std::string allowed;
  for (const std::string& word : words) allowed += (allowed.empty() ? "" : " or ") + word;
  const auto read = [words](const ConfigValue& value) -> std::optional<E> {
    const auto* word = std::get_if<std::string>(&value);
    for (std::size_t i = 0; word && i < words.size(); ++i) {
      if (words[i] == *word) return static_cast<E>(i);
    }
    return std::nullopt;
  };
  return {ConfigKind::text, std::move(allowed), read, [words](const E& value) {
            return ConfigValue(words.at(static_cast<std::size_t>(value)));
          }};
}

}  // namespace steno::app
