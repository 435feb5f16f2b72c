#include "api/core/openapi.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "http/problem.h"
#include "http/static_content.h"

namespace steno::api {
namespace {

using nlohmann::json;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string_view place_of(Parameter::In in) {
  switch (in) {
    case Parameter::In::path:
      return "path";
    case Parameter::In::query:
      return "query";
    case Parameter::In::header:
      return "header";
  }
  return "";
}

// The common part of a request's parameter and an answer's header.
json value_of(const Parameter& parameter) {
  json value = {{"description", parameter.description}, {"schema", parameter.schema}};
  if (!parameter.example.is_null()) value["example"] = parameter.example;
  return value;
}

json parameters_of(const Operation& operation) {
  json list = json::array();
  for (const Parameter& parameter : operation.parameters) {
    json value = value_of(parameter);
    value["name"] = parameter.name;
    value["in"] = place_of(parameter.in);
    value["required"] = parameter.required || parameter.in == Parameter::In::path;
    if (parameter.commas) value.update({{"style", "form"}, {"explode", false}});
    list.push_back(std::move(value));
  }
  return list;
}

json contents_of(const std::vector<Content>& contents) {
  json by_type = json::object();
  for (const Content& content : contents) {
    json& entry = by_type[content.media_type];
    entry["schema"] = content.schema;
    if (!content.example.is_null()) entry["example"] = content.example;
  }
  return by_type;
}

json answer_of(const AnswerDescription& answer) {
  json value = {{"description", answer.description}};
  if (!answer.contents.empty()) value["content"] = contents_of(answer.contents);
  for (const Parameter& header : answer.headers) value["headers"][header.name] = value_of(header);
  return value;
}

// The statuses of problems: those of the handler, and those that the server has for every request.
std::set<int> problems_of(const DescribedRoute& route) {
  const Operation& operation = route.operation;
  std::set<int> problems(operation.problems.begin(), operation.problems.end());
  problems.insert({400, 405, 414, 431, 500, 503});
  if (!operation.scope.empty()) problems.insert({401, 403, 429});
  if (!operation.request.empty()) problems.insert(413);
  for (const AnswerDescription& answer : operation.answers) problems.erase(answer.status);
  return problems;
}

json problem_answer(int status) {
  json answer = {{"description", http::reason_phrase(status)},
                 {"content", {{"application/problem+json", {{"schema", schema_ref("Problem")}}}}}};
  if (status == 429 || status == 503 || status == 507) {
    answer["headers"]["Retry-After"] = json_of(
        R"({"description": "Seconds until a retry makes sense", "schema": {"type": "integer"}})");
  }
  return answer;
}

json operation_of(const DescribedRoute& route) {
  const Operation& operation = route.operation;
  json value = {{"operationId", operation.id},
                {"summary", operation.summary},
                {"tags", json::array({operation.group})},
                {"responses", json::object()}};
  if (!operation.description.empty()) value["description"] = operation.description;
  if (!operation.parameters.empty()) value["parameters"] = parameters_of(operation);
  if (!operation.request.empty()) {
    value["requestBody"] = {{"content", contents_of(operation.request)},
                            {"required", operation.needs_body}};
  }
  for (const AnswerDescription& answer : operation.answers) {
    value["responses"][std::to_string(answer.status)] = answer_of(answer);
  }
  for (const int status : problems_of(route)) {
    value["responses"][std::to_string(status)] = problem_answer(status);
  }
  if (operation.scope.empty()) {
    value["security"] = json::array();
  } else {
    value["x-required-scope"] = operation.scope;
  }
  return value;
}

json problem_schema() {
  return json_of(R"({
    "type": "object",
    "description": "The error (RFC 9457); `code` is stable, for programs",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
      "type": {"type": "string"},
      "title": {"type": "string"},
      "status": {"type": "integer"},
      "code": {"type": "string"},
      "detail": {"type": "string"},
      "errors": {
        "type": "array",
        "items": {
          "type": "object",
          "required": ["path", "message"],
          "properties": {"path": {"type": "string"}, "message": {"type": "string"}}
        }
      }
    },
    "examples": [
      {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "code": "out_of_range",
        "detail": "priority must be a whole number from 0 to 9",
        "errors": [
          {"path": "$.priority", "message": "priority must be a whole number from 0 to 9"}
        ]
      }
    ]
  })");
}

json security_schemes() {
  return json_of(R"({
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"}
  })");
}

json headings(const Routes& routes) {
  std::vector<std::string> names;
  for (const DescribedRoute& route : routes.described()) {
    const std::string& group = route.operation.group;
    if (std::ranges::find(names, group) == names.end()) names.push_back(group);
  }
  json tags = json::array();
  for (const std::string& name : names) tags.push_back({{"name", name}});
  return tags;
}

Operation document_operation() {
  Operation operation;
  operation.id = "get_openapi";
  operation.group = "Service";
  operation.summary = "This document";
  operation.answers = {{200, "OpenAPI 3.1", {{"application/json", {{"type", "object"}}, nullptr}}}};
  return operation;
}

}  // namespace

json openapi_document(const Routes& routes, const std::string& server) {
  json paths = json::object();
  for (const DescribedRoute& route : routes.described()) {
    paths[route.pattern][lower(route.method)] = operation_of(route);
  }
  json schemas = routes.schemas();
  schemas["Problem"] = problem_schema();
  return {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Steno"},
        {"version", STENO_VERSION},
        {"description", "Recordings in, transcripts out, as jobs."}}},
      {"servers", json::array({{{"url", server.empty() ? "/" : server}}})},
      {"tags", headings(routes)},
      {"security", json::array({{{"apiKey", json::array()}}, {{"bearer", json::array()}}})},
      {"paths", std::move(paths)},
      {"components", {{"schemas", std::move(schemas)}, {"securitySchemes", security_schemes()}}}};
}

void add_openapi_route(Routes& routes, const std::string& server) {
  const auto served = std::make_shared<http::Handler>();
  const http::Handler handler = [served](http::Request& request, http::Responder& responder) {
    return (*served)(request, responder);
  };
  routes.add("GET", "/openapi.json", handler, document_operation());
  *served = http::static_content("application/json", openapi_document(routes, server).dump(1));
}

}  // namespace steno::api
