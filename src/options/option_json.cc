#include "options/option_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace steno {
namespace {

using Json = nlohmann::json;

// An option of the display, which is stored together with the transcription options.
constexpr const char* kShownOption = "extra_data";

bool all(const Json& list, bool (*fits)(const Json&)) { return std::ranges::all_of(list, fits); }

/// Whether this is an object of two texts with these names.
bool is_pair(const Json& value, const char* one, const char* other) {
  const auto has_text = [&](const char* name) {
    const auto found = value.find(name);
    return found != value.end() && found->is_string();
  };
  return value.is_object() && value.size() == 2 && has_text(one) && has_text(other);
}

bool is_rule(const Json& value) { return is_pair(value, "pattern", "replacement"); }
bool is_speaker(const Json& value) { return is_pair(value, "name", "audio_base64"); }

std::string text_of(const Json& list) {
  return list.empty() ? "" : list.dump(-1, ' ', false, Json::error_handler_t::replace);
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
  if (all(value, is_speaker)) {
    std::vector<KnownSpeaker> speakers;
    for (const Json& each : value) speakers.push_back({each.at("name"), each.at("audio_base64")});
    return speakers;
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

Json list_to_json(const std::vector<ReplaceRule>& rules) {
  Json list = Json::array();
  for (const auto& rule : rules) {
    list.push_back({{"pattern", rule.pattern}, {"replacement", rule.replacement}});
  }
  return list;
}

Json list_to_json(const std::vector<KnownSpeaker>& speakers) {
  Json list = Json::array();
  for (const auto& speaker : speakers) {
    list.push_back({{"name", speaker.name}, {"audio_base64", speaker.audio_base64}});
  }
  return list;
}

std::string list_text(const std::vector<ReplaceRule>& rules) {
  return text_of(list_to_json(rules));
}

std::string list_text(const std::vector<KnownSpeaker>& speakers) {
  return text_of(list_to_json(speakers));
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
