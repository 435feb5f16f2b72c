#include "client/refusal.h"

#include <nlohmann/json.hpp>

namespace steno::client {
namespace {

using Json = nlohmann::ordered_json;

Errc kind_of(int status) {
  if (status == 404 || status == 410) return Errc::not_found;
  if (status == 409) return Errc::conflict;
  if (status == 507) return Errc::no_space;
  if (status == 408 || status == 429 || status >= 500) return Errc::unavailable;
  return Errc::invalid_argument;
}

Json document_of(const net::HttpResponse& response) {
  if (!response.header("content-type").starts_with("application/problem+json")) return {};
  Json document = Json::parse(response.body, nullptr, false);
  return document.is_object() ? document : Json();
}

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// "beam_size" of "$.beam_size".
std::string field_of(const std::string& path) {
  return path.starts_with("$.") ? path.substr(2) : path;
}

// The error of a field; a message that does not name it gets the name before it.
std::string field_error(const Json& error) {
  const std::string field = field_of(text_in(error, "path"));
  const std::string message = text_in(error, "message");
  const bool is_named = field.empty() || message.find(field) != std::string::npos;
  return (is_named ? "" : field + ": ") + message;
}

// The detail and the error of each field. A detail that only repeats the first of these is
// left out.
std::string explanation(const Json& problem) {
  std::string detail = text_in(problem, "detail");
  const auto errors = problem.find("errors");
  if (errors == problem.end() || !errors->is_array()) return detail;
  std::string fields;
  for (const Json& error : *errors) {
    if (!error.is_object()) continue;
    if (fields.empty() && detail.starts_with(text_in(error, "message"))) detail.clear();
    fields += (fields.empty() ? "" : "; ") + field_error(error);
  }
  if (detail.empty()) return fields;
  return fields.empty() ? detail : detail + ": " + fields;
}

std::string foreign_response(const net::HttpResponse& response, const Server& server) {
  const std::string where = "the service at " + server.url;
  const std::string target = response.header("location");
  if (response.status < 400 && !target.empty()) {
    return where + " sends on to " + target + "; give the address of the service itself";
  }
  return where + " answered " + std::to_string(response.status) + ", and not as Steno does";
}

}  // namespace

std::string problem_code(const net::HttpResponse& response) {
  return text_in(document_of(response), "code");
}

Error refusal_of(const net::HttpResponse& response, const Server& server) {
  if (response.status == 401) {
    return {Errc::invalid_argument,
            "the service at " + server.url +
                (server.key.empty() ? " wants an API key" : " does not accept the API key") +
                ": set STENO_API_KEY"};
  }
  const Json problem = document_of(response);
  if (problem.is_null()) return {kind_of(response.status), foreign_response(response, server)};
  std::string message = explanation(problem);
  if (message.empty()) message = text_in(problem, "title");
  return {kind_of(response.status), message};
}

}  // namespace steno::client
