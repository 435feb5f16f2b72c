#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace steno {

/// An option's value in a form that a command line and a JSON document can both express: null,
/// true/false, a number, text, or a list of numbers, of texts, of rules or of speakers.
using OptionValue =
    std::variant<std::monostate, bool, double, std::string, std::vector<double>,
                 std::vector<std::string>, std::vector<ReplaceRule>, std::vector<KnownSpeaker>>;

/// The type of an option's value.
enum class OptionType {
  flag,
  whole,
  number,
  text,
  choice,
  language,
  wholes,
  numbers,
  choices,
  rules,
  speakers
};

/// A range of valid numbers. Both ends are included unless `above` is set.
struct Range {
  double low = 0;
  double high = 0;
  bool above = false;  ///< the lowest number itself is excluded
  /// The lowest number is valid, then this one and higher.
  std::optional<double> next = std::nullopt;
};

/// One row of the option table: name, type, range, help, and access to the struct. `Owner` is
/// TranscribeOptions or DeviceOptions.
template <class Owner>
struct Option {
  std::string name;   ///< faster-whisper's name, or in its style
  std::string group;  ///< heading in the help
  std::string help;   ///< one sentence without range and default
  OptionType type = OptionType::text;
  bool nullable = false;  ///< may be null: "none" as text
  /// Applies after recognition: another value needs no new transcription.
  bool after_recognition = false;
  std::optional<Range> range;
  std::vector<std::string> choices;
  std::function<OptionValue(const Owner&)> get;
  /// Stores a value that `checked` has accepted.
  std::function<void(Owner&, const OptionValue&)> put;

  /// Description of the valid values, such as "a whole number from 1 to 100".
  std::string allowed() const;
  /// The value in its stored form, or invalid_argument with the option's name and the valid values.
  /// A flag accepts 0 and 1, a list a single number or text, a language its name or code.
  Result<OptionValue> checked(const OptionValue& value) const;
  /// Parses and checks a value as a user types it ("none", "true", "0.5", "0,0.2,0.4", "card,iban",
  /// rules as JSON).
  Result<OptionValue> parsed(std::string_view text) const;
};

/// All decoding options in the order of the help. Built once, read-only afterwards.
const std::vector<Option<TranscribeOptions>>& transcribe_option_table();
/// All options of the device on which a model runs.
const std::vector<Option<DeviceOptions>>& device_option_table();

/// Sets one option by its name ('-' and '_' are equal). Fails with invalid_argument if the name is
/// unknown (with a suggestion) or the value is out of range. `options` is unchanged then.
Result<void> set_option(TranscribeOptions& options, std::string_view name,
                        const OptionValue& value);
Result<void> set_option(DeviceOptions& options, std::string_view name, const OptionValue& value);
/// As set_option(), with a value as a user types it.
Result<void> set_option_text(TranscribeOptions& options, std::string_view name,
                             std::string_view text);
Result<void> set_option_text(DeviceOptions& options, std::string_view name, std::string_view text);

/// Formats a value as `parsed` reads it: "none", "true", "0.5", "0,0.2", "card,iban", rules as
/// JSON.
std::string option_text(const OptionValue& value);

}  // namespace steno
