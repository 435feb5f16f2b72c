// Decoding options as fields of a submission: the engine's table says what is allowed.

#include <algorithm>
#include <string>

#include "api/field_rows.h"
#include "transcript/languages.h"

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
  return nullptr;
}

OptionValue to_option(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) return value.get<std::vector<double>>();
  return {};
}

std::string code_of(OptionType type) {
  switch (type) {
    case OptionType::language:
      return "unknown_language";
    case OptionType::choice:
      return "not_a_choice";
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

}  // namespace

Field option_field(const Option<TranscribeOptions>& option) {
  Field field;
  field.name = option.name;
  field.help = option.help;
  field.shape = shape_of(option.type);
  field.nullable = option.nullable;
  field.is_option = true;
  field.schema = option.nullable ? or_null(schema_of(option)) : schema_of(option);
  field.fallback = to_json(option.get(TranscribeOptions()), option.type);
  field.limits = [&option](const json& value) -> tl::expected<json, Wrong> {
    const auto good = option.checked(to_option(value));
    if (!good) return tl::unexpected(Wrong{code_of(option.type), good.error().message, ""});
    return to_json(*good, option.type);
  };
  // Here words have their times unless somebody says otherwise: players and captions need them.
  if (option.name == "word_timestamps") field.fallback = true;
  if (option.name == "language") field.example = "en";
  return field;
}

}  // namespace steno::api
