#include "api/fields/field_schemas.h"

#include "api/fields/fields.h"

namespace steno::api {
namespace {

using nlohmann::json;

json described(const Field& field) {
  json schema = field.schema;
  schema["description"] = field.help;
  if (!field.fallback.is_null()) schema["default"] = field.fallback;
  if (!field.example.is_null()) schema["examples"] = json::array({field.example});
  return schema;
}

json object_of(json properties) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

json exactly_one_of(std::initializer_list<const char*> names) {
  json choices = json::array();
  for (const char* name : names) choices.push_back({{"required", json::array({name})}});
  return choices;
}

// In a form or query everything is text. Null cannot be expressed, and a list may be a single
// number.
bool is_readable_as_text(const Field& field) {
  return field.as_text && field.shape != Shape::object && field.shape != Shape::objects;
}

bool is_list(const Field& field) {
  return field.shape == Shape::numbers || field.shape == Shape::texts;
}

// The schema of a list of numbers is {"anyOf": [the list, one number, …]}.
json list_alone(const Field& field) {
  if (field.shape == Shape::numbers) return field.schema["anyOf"][0];
  json schema = field.schema;
  schema["type"] = "array";
  return schema;
}

json in_a_form(const Field& field) {
  if (!is_list(field)) return described(field);
  json schema = field.shape == Shape::numbers ? field.schema["anyOf"][1] : field.schema["items"];
  schema["description"] = field.help + ": one, or several with commas between";
  return schema;
}

}  // namespace

json submission_schema() {
  json properties = json::object();
  for (const Field& field : submission_fields()) properties[field.name] = described(field);
  json schema = object_of(std::move(properties));
  schema["oneOf"] = exactly_one_of({"url", "urls", "audio_base64", "blob", "upload_id"});
  return schema;
}

json form_schema() {
  json properties = json::object();
  for (const Field& field : submission_fields()) {
    if (is_readable_as_text(field)) properties[field.name] = in_a_form(field);
  }
  // An object in a form is a JSON part, which is OpenAPI's default.
  properties["metadata"] = described(*find_field("metadata"));
  properties["file"] = {{"type", "string"},
                        {"format", "binary"},
                        {"description", "The recording; several files make a batch"}};
  json schema = object_of(std::move(properties));
  schema["oneOf"] = exactly_one_of({"file", "url", "upload_id"});
  return schema;
}

json rerun_schema() {
  json properties = json::object();
  for (const Field& field : submission_fields()) {
    if (!field.after_recognition) continue;
    properties[field.name] = described(field);
    properties[field.name].erase("default");  // a field that is not given keeps its value
  }
  return object_of(std::move(properties));
}

std::vector<Parameter> field_parameters() {
  std::vector<Parameter> parameters;
  for (const Field& field : submission_fields()) {
    if (!is_readable_as_text(field)) continue;
    Parameter parameter;
    parameter.name = field.name;
    parameter.description = field.help;
    parameter.schema = is_list(field) ? list_alone(field) : described(field);
    parameter.schema.erase("description");
    parameter.commas = is_list(field);
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace steno::api
