#include "api/fields/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "api/core/json_body.h"
#include "api/core/strict_json.h"
#include "api/fields/field_rows.h"
#include "options/option_table.h"

namespace steno::api {
namespace {

using nlohmann::json;

// Text is parsed by the engine's rule, which the command line uses too.
std::optional<json> read_number(std::string_view text) {
  double number = 0;
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number)) return std::nullopt;
  return json(number);
}

std::optional<json> read_flag(std::string_view text) {
  for (const char* yes : {"true", "1", "yes", "on"}) {
    if (text == yes) return json(true);
  }
  for (const char* no : {"false", "0", "no", "off"}) {
    if (text == no) return json(false);
  }
  return std::nullopt;
}

std::optional<json> read_numbers(std::string_view text) {
  json numbers = json::array();
  for (bool more = !text.empty(); more;) {
    const size_t comma = text.find(',');
    const auto number = read_number(text.substr(0, comma));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return numbers;
}

json read_texts(std::string_view text) {
  json texts = json::array();
  for (bool more = !text.empty(); more;) {
    const size_t comma = text.find(',');
    texts.push_back(text.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return texts;
}

bool all(const json& values, bool (*fits)(const json&)) {
  return std::ranges::all_of(values, fits);
}

bool has_shape(const json& value, Shape shape) {
  switch (shape) {
    case Shape::flag:
      return value.is_boolean();
    case Shape::whole:
      return is_whole(value);
    case Shape::number:
      return value.is_number();
    case Shape::text:
      return value.is_string();
    case Shape::numbers:
      return value.is_number() ||
             (value.is_array() && all(value, [](const json& one) { return one.is_number(); }));
    case Shape::texts:
      return value.is_array() && all(value, [](const json& one) { return one.is_string(); });
    case Shape::object:
      return value.is_object();
    case Shape::objects:
      return value.is_array() && all(value, [](const json& one) { return one.is_object(); });
  }
  return false;
}

std::string in_words(Shape shape) {
  switch (shape) {
    case Shape::flag:
      return "true or false";
    case Shape::whole:
      return "a whole number";
    case Shape::number:
      return "a number";
    case Shape::text:
      return "text";
    case Shape::numbers:
      return "a list of numbers";
    case Shape::texts:
      return "a list of texts";
    case Shape::object:
      return "an object";
    case Shape::objects:
      return "a list of objects";
  }
  return "";
}

}  // namespace

tl::expected<json, Wrong> Field::check(const json& value) const {
  if (value.is_null() && nullable) return value;
  if (!has_shape(value, shape)) {
    return tl::unexpected(Wrong{
        "wrong_type", name + " must be " + in_words(shape) + (nullable ? " or null" : ""), ""});
  }
  return check_value ? check_value(value) : value;
}

json Field::read(std::string_view text) const {
  if (nullable && (text == "none" || text == "null")) return nullptr;
  std::optional<json> value;
  switch (shape) {
    case Shape::flag:
      value = read_flag(text);
      break;
    case Shape::whole:
    case Shape::number:
      value = read_number(text);
      break;
    case Shape::numbers:
      value = read_numbers(text);
      break;
    case Shape::texts:
      value = read_texts(text);
      break;
    case Shape::object:
    case Shape::objects:
      if (auto parsed = parse_strict_json(text)) value = *std::move(parsed);
      break;
    case Shape::text:
      break;
  }
  return value ? *std::move(value) : json(text);
}

const std::vector<Field>& submission_fields() {
  static const std::vector<Field> fields = [] {
    std::vector<Field> rows = own_fields();
    for (const auto& option : transcribe_option_table()) rows.push_back(option_field(option));
    return rows;
  }();
  return fields;
}

const Field* find_field(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Field*> found;
    for (const Field& field : submission_fields()) found.emplace(field.name, &field);
    return found;
  }();
  const auto field = by_name.find(name);
  return field == by_name.end() ? nullptr : field->second;
}

}  // namespace steno::api
