#include "pipeline/option_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace steno {
namespace {

using Json = nlohmann::json;

// How the result is shown, which is stored with how it is made.
constexpr const char* kShownOption = "extra_data";

bool all(const Json& list, bool (*fits)(const Json&)) { return std::ranges::all_of(list, fits); }

bool is_rule(const Json& value) {
  const auto has_text = [&](const char* name) {
    const auto found = value.find(name);
    return found != value.end() && found->is_string();
  };
  return value.is_object() && value.size() == 2 && has_text("pattern") && has_text("replacement");
}

}  // namespace

std::optional<OptionValue> option_from_json(const Json& value) {
  if (value.is_null()) return OptionValue();
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return std::nullopt;
  if (all(value, [](const Json& item) { return item.is_number(); })) {
    return value.get<std::vector<double>>();
  }
  if (all(value, [](const Json& item) { return item.is_string(); })) {
    return value.get<std::vector<std::string>>();
  }
  if (!all(value, is_rule)) return std::nullopt;
  std::vector<ReplaceRule> rules;
  for (const Json& rule : value) rules.push_back({rule.at("pattern"), rule.at("replacement")});
  return rules;
}

std::optional<OptionValue> parse_option_json(std::string_view text) {
  const Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? std::nullopt : option_from_json(value);
}

Json rules_to_json(const std::vector<ReplaceRule>& rules) {
  Json list = Json::array();
  for (const auto& rule : rules) {
    list.push_back({{"pattern", rule.pattern}, {"replacement", rule.replacement}});
  }
  return list;
}

std::string rules_text(const std::vector<ReplaceRule>& rules) {
  if (rules.empty()) return "";
  return rules_to_json(rules).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TranscribeOptions> parse_options(std::string_view json) {
  TranscribeOptions options;
  if (json.empty()) return options;
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(Errc::invalid_argument, "the options are no JSON object");
  for (const auto& [name, json_value] : object.items()) {
    if (name == kShownOption) continue;
    const auto value = option_from_json(json_value);
    if (!value) {
      return fail(Errc::invalid_argument,
                  name + " must be null, true, false, a number, text, or a list");
    }
    if (auto set = set_option(options, name, *value); !set) return tl::unexpected(set.error());
  }
  return options;
}

}  // namespace steno
