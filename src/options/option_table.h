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

/// One option's value in a form that a command line and a JSON document can both give: null,
/// true/false, a number, text, or a list of numbers, of texts, of rules or of speakers.
using OptionValue =
    std::variant<std::monostate, bool, double, std::string, std::vector<double>,
                 std::vector<std::string>, std::vector<ReplaceRule>, std::vector<KnownSpeaker>>;

/// What an option's value must be.
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

/// The numbers that make sense, ends included unless `above` is set.
struct Range {
  double low = 0;
  double high = 0;
  bool above = false;                         ///< the lowest itself is out of range
  std::optional<double> next = std::nullopt;  ///< the lowest may be given, then this and more
};

/// One row of the table of options: name, type, range, help, and the way into the struct.
/// `Owner` is TranscribeOptions or DeviceOptions.
template <class Owner>
struct Option {
  std::string name;   ///< faster-whisper's, or in its manner
  std::string group;  ///< heading in the help
  std::string help;   ///< one sentence without the range and the default
  OptionType type = OptionType::text;
  bool nullable = false;  ///< may be null: "none" as text
  /// Says what becomes of words and voices that are known: another value needs no new hearing.
  bool after_recognition = false;
  std::optional<Range> range;
  std::vector<std::string> choices;
  std::function<OptionValue(const Owner&)> get;
  /// Takes a value that `checked` has passed.
  std::function<void(Owner&, const OptionValue&)> put;

  /// What is allowed, in words: "a whole number from 1 to 100".
  std::string allowed() const;
  /// The value as it is stored, or invalid_argument with the option's name and what is allowed.
  /// A flag takes 0 and 1, a list takes one number or text, a language its name or code.
  Result<OptionValue> checked(const OptionValue& value) const;
  /// Reads a value as a person types it ("none", "true", "0.5", "0,0.2,0.4", "card,iban", rules as
  /// JSON) and checks it.
  Result<OptionValue> parsed(std::string_view text) const;
};

/// Every decoding option, in the order of the help. Built once, then only read.
const std::vector<Option<TranscribeOptions>>& transcribe_option_table();
/// Every option of where a model runs.
const std::vector<Option<DeviceOptions>>& device_option_table();

/// Sets one option by its name ('-' and '_' are the same). Fails with invalid_argument when the
/// name is unknown (and says which was likely meant) or the value is out of range; `options` is
/// unchanged then.
Result<void> set_option(TranscribeOptions& options, std::string_view name,
                        const OptionValue& value);
Result<void> set_option(DeviceOptions& options, std::string_view name, const OptionValue& value);
/// The same with a value as a person types it.
Result<void> set_option_text(TranscribeOptions& options, std::string_view name,
                             std::string_view text);
Result<void> set_option_text(DeviceOptions& options, std::string_view name, std::string_view text);

/// A value as `parsed` reads it: "none", "true", "0.5", "0,0.2", "card,iban", rules as JSON.
std::string option_text(const OptionValue& value);

}  // namespace steno
