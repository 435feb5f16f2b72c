#include "app/arguments.h"

#include <algorithm>
#include <string_view>

namespace steno::app {
namespace {

bool is_truth_word(std::string_view text) {
  return text == "True" || text == "False" || text == "true" || text == "false";
}

// "--beam_size=a_b" -> "--beam-size=a_b"
std::string with_dashes(std::string argument) {
  const auto end = std::ranges::find(argument, '=');
  std::replace(argument.begin(), end, '_', '-');
  return argument;
}

// One spelling, so that the last of both options counts.
std::string with_decoding_spelled_out(std::string argument) {
  constexpr std::string_view kFlag = "--sequential";
  if (!argument.starts_with(kFlag)) return argument;
  const std::string_view value = std::string_view(argument).substr(kFlag.size());
  if (value.empty() || value == "=true" || value == "=True" || value == "=1") {
    return "--decoding=sequential";
  }
  if (value == "=false" || value == "=False" || value == "=0") return "--decoding=batched";
  return argument;
}

// "http://host" or "host:8080". The latter is included so that an error can ask for its scheme.
bool is_address(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return true;
  const auto colon = text.rfind(':');
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         std::ranges::all_of(text.substr(colon + 1), is_digit);
}

// The option's value is optional: an empty argument is inserted if it is missing.
void complete_server(std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (arguments[i] != "--server") continue;
    ++i;
    const bool has_value =
        i < arguments.size() && (arguments[i].empty() || is_address(arguments[i]));
    if (!has_value) arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(i), "");
  }
}

}  // namespace

std::vector<std::string> normalised_arguments(std::span<const char* const> arguments,
                                              std::span<const std::string> flags) {
  std::vector<std::string> normalised;
  bool options_ended = false;
  bool flag_before = false;
  for (const char* argument : arguments) {
    std::string text = argument;
    if (options_ended || !text.starts_with("--")) {
      if (flag_before && !options_ended && is_truth_word(text)) {
        normalised.back() += "=" + text;
      } else {
        normalised.push_back(std::move(text));
      }
      flag_before = false;
      continue;
    }
    options_ended = text == "--";
    text = with_dashes(std::move(text));
    flag_before = std::ranges::find(flags, text) != flags.end();
    normalised.push_back(std::move(text));
  }
  for (std::string& argument : normalised) {
    if (argument == "--") break;
    argument = with_decoding_spelled_out(std::move(argument));
  }
  complete_server(normalised);
  return normalised;
}

}  // namespace steno::app
