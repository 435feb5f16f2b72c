// Decoding options as fields of a submission, made from the table of options.

#include <algorithm>
#include <string>

#include "api/fields/field_rows.h"
#include "base/base64.h"
#include "options/known_speaker_check.h"
#include "options/option_json.h"
#include "service/text_limits.h"
#include "transcript/languages.h"
#include "transcript/transcript.h"

namespace steno::api {
namespace {

using nlohmann::json;

Shape shape_of(OptionType type) {
  switch (type) {
    case OptionType::flag:
      return Shape::flag;
    case OptionType::whole:
      return Shape::whole;
    case OptionType::number:
      return Shape::number;
    case OptionType::wholes:
    case OptionType::numbers:
      return Shape::numbers;
    case OptionType::choices:
      return Shape::texts;
    case OptionType::rules:
    case OptionType::speakers:
      return Shape::objects;
    case OptionType::text:
    case OptionType::choice:
    case OptionType::language:
      return Shape::text;
  }
  return Shape::text;
}

// A whole number is written without ".0".
json number(double value, OptionType type) {
  const bool whole = type == OptionType::whole || type == OptionType::wholes;
  return whole ? json(static_cast<std::int64_t>(value)) : json(value);
}

json to_json(const OptionValue& value, OptionType type) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* one = std::get_if<double>(&value)) return number(*one, type);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    json list = json::array();
    for (const double one : *numbers) list.push_back(number(one, type));
    return list;
  }
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) return *words;
  if (const auto* rules = std::get_if<std::vector<ReplaceRule>>(&value)) {
    return list_to_json(*rules);
  }
  if (const auto* speakers = std::get_if<std::vector<KnownSpeaker>>(&value)) {
    return list_to_json(*speakers);
  }
  return nullptr;
}

std::string code_of(OptionType type) {
  switch (type) {
    case OptionType::language:
      return "unknown_language";
    case OptionType::choice:
    case OptionType::choices:
      return "not_a_choice";
    case OptionType::rules:
      return "invalid_rule";
    case OptionType::speakers:
      return "invalid_speaker";
    case OptionType::text:
      return "invalid_text";
    default:
      return "out_of_range";
  }
}

json range_schema(const Option<TranscribeOptions>& option) {
  const bool whole = option.type == OptionType::whole || option.type == OptionType::wholes;
  json schema = {{"type", whole ? "integer" : "number"}};
  if (!option.range) return schema;
  const Range& range = *option.range;
  const OptionType type = whole ? OptionType::whole : OptionType::number;
  schema["maximum"] = number(range.high, type);
  if (range.next) {  // the lowest alone, then a gap
    json upper = schema;
    upper["minimum"] = number(*range.next, type);
    return {{"anyOf", {{{"const", number(range.low, type)}}, upper}}};
  }
  schema[range.above ? "exclusiveMinimum" : "minimum"] = number(range.low, type);
  return schema;
}

json language_schema() {
  json codes = json::array();
  for (const Language& language : languages()) codes.push_back(language.code);
  return {{"type", "string"}, {"enum", codes}};
}

json rules_schema() {
  constexpr int kMost = 100;
  constexpr int kLongest = 1000;
  const json text = {{"type", "string"},
                     {"maxLength", kLongest},
                     {"pattern", R"(^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$)"}};
  json pattern = text;
  pattern["minLength"] = 1;
  const json rule = {{"type", "object"},
                     {"properties", {{"pattern", pattern}, {"replacement", text}}},
                     {"required", {"pattern", "replacement"}},
                     {"additionalProperties", false}};
  return {{"type", "array"}, {"items", rule}, {"maxItems", kMost}};
}

json speakers_schema() {
  const json name = {{"type", "string"},
                     {"minLength", 1},
                     {"maxLength", kLongestSpeakerName},
                     {"pattern", service::kNoControlCharacters},
                     {"not", {{"pattern", "^" + std::string(kSpeakerPrefix)}}}};
  const json audio = {{"type", "string"},
                      {"contentEncoding", "base64"},
                      {"minLength", 4},
                      {"maxLength", (kMostReferenceBytes + 2) / 3 * 4},
                      {"pattern", "^" + std::string(kBase64Pattern) + "$"}};
  const json speaker = {{"type", "object"},
                        {"properties", {{"name", name}, {"audio_base64", audio}}},
                        {"required", {"name", "audio_base64"}},
                        {"additionalProperties", false}};
  return {{"type", "array"}, {"items", speaker}, {"maxItems", kMostKnownSpeakers}};
}

json schema_of(const Option<TranscribeOptions>& option) {
  switch (option.type) {
    case OptionType::flag:
      return {{"type", "boolean"}};
    case OptionType::whole:
    case OptionType::number:
      return range_schema(option);
    case OptionType::wholes:
    case OptionType::numbers: {
      constexpr int kMost = 10'000;
      json list = {{"type", "array"}, {"items", range_schema(option)}, {"maxItems", kMost}};
      if (!option.nullable) list["minItems"] = 1;
      return {{"anyOf", {list, range_schema(option)}}};
    }
    case OptionType::choice:
      return {{"type", "string"}, {"enum", option.choices}};
    case OptionType::choices: {
      const json word = {{"type", "string"}, {"enum", option.choices}};
      return {{"type", "array"}, {"items", word}, {"maxItems", option.choices.size()}};
    }
    case OptionType::rules:
      return rules_schema();
    case OptionType::speakers:
      return speakers_schema();
    case OptionType::language:
      return language_schema();
    case OptionType::text:
      break;
  }
  constexpr int kLongest = 25'000;  // 100 kB even where each character has four bytes
  return {{"type", "string"},
          {"maxLength", kLongest},
          {"pattern", R"(^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$)"}};
}

json or_null(json schema) {
  if (!schema.contains("type")) {
    schema["anyOf"].push_back({{"type", "null"}});
    return schema;
  }
  schema["type"] = {schema["type"], "null"};
  if (schema.contains("enum")) schema["enum"].push_back(nullptr);
  return schema;
}

using Checked = tl::expected<json, Wrong>;

Checked check_option(const Option<TranscribeOptions>& option, const json& value) {
  const auto wrong = [&](const std::string& message) {
    return tl::unexpected(Wrong{code_of(option.type), message, ""});
  };
  const auto read = option_from_json(value);
  if (!read) return wrong(option.name + " must be " + option.allowed());
  const auto good = option.checked(*read);
  if (!good) return wrong(good.error().message);
  return to_json(*good, option.type);
}

/// Which member of an object that was refused is wrong; empty: the object itself.
std::string member_at_fault(const Option<TranscribeOptions>& option, const json& object) {
  const bool is_rule = option.type == OptionType::rules;
  const std::string first = is_rule ? "pattern" : "name";
  const std::string second = is_rule ? "replacement" : "audio_base64";
  if (!object.is_object()) return "";
  for (const auto& [name, value] : object.items()) {
    if ((name != first && name != second) || !value.is_string()) return "." + name;
  }
  if (object.size() != 2) return "";
  const json alone = {{first, object[first]}, {second, is_rule ? "" : "AAAA"}};
  return "." + (check_option(option, json::array({alone})) ? second : first);
}

/// The first item that is wrong by itself, with its place.
std::optional<Wrong> wrong_item(const Option<TranscribeOptions>& option, const json& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto checked = check_option(option, json::array({list[i]}));
    if (checked) continue;
    Wrong wrong = checked.error();
    wrong.inside = "[" + std::to_string(i) + "]";
    if (option.type != OptionType::choices) wrong.inside += member_at_fault(option, list[i]);
    return wrong;
  }
  return std::nullopt;
}

}  // namespace

Field option_field(const Option<TranscribeOptions>& option) {
  Field field;
  field.name = option.name;
  field.help = option.help;
  field.shape = shape_of(option.type);
  field.nullable = option.nullable;
  field.is_option = true;
  field.after_recognition = option.after_recognition;
  field.schema = option.nullable ? or_null(schema_of(option)) : schema_of(option);
  field.fallback = to_json(option.get(TranscribeOptions()), option.type);
  field.check_value = [&option](const json& value) -> tl::expected<json, Wrong> {
    const bool has_items = option.type == OptionType::choices || option.type == OptionType::rules ||
                           option.type == OptionType::speakers;
    if (auto wrong = has_items && value.is_array() ? wrong_item(option, value) : std::nullopt) {
      return tl::unexpected(*std::move(wrong));
    }
    return check_option(option, value);
  };
  // Word times are on by default here: players and captions need them.
  if (option.name == "word_timestamps") field.fallback = true;
  if (option.name == "language") field.example = "en";
  if (option.name == "redact") field.example = {"card", "iban"};
  if (option.name == "replace") {
    field.example = json::array({{{"pattern", "(?i)acme corp"}, {"replacement", "ACME Corp."}}});
  }
  return field;
}

}  // namespace steno::api
