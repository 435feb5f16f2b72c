#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.h"

// The description of a route for the document of the API (openapi.cc). It is given where the route
// is added, so that every route has one.

namespace steno::api {

/// A parameter of a request, or a header of an answer.
struct Parameter {
  enum class In { path, query, header };
  std::string name;
  In in = In::query;
  std::string description;
  nlohmann::json schema = {{"type", "string"}};  ///< JSON Schema 2020-12
  nlohmann::json example = nullptr;              ///< null: none
  bool required = false;                         ///< parameters of the path are always required
  bool commas = false;                           ///< a list: one text, separated by commas
};

/// A body: of a request or an answer.
struct Content {
  std::string media_type = "application/json";
  nlohmann::json schema = nlohmann::json::object();  ///< {}: anything
  nlohmann::json example = nullptr;                  ///< null: none
};

/// One possible answer to a request.
struct AnswerDescription {
  int status = 200;
  std::string description;
  std::vector<Content> contents = {};  ///< none: no body
  std::vector<Parameter> headers = {};
};

/// One method of one path. `scope` implies 401, 403 and 429. The statuses of the server itself
/// (400, 405, 414, 431, 500, 503, and 413 if there is a body) are described everywhere. `problems`
/// are the further statuses that the handler answers with application/problem+json.
struct Operation {
  std::string id;           ///< "submit_job": the function's name in generated clients
  std::string group;        ///< heading: "Jobs"
  std::string summary;      ///< one line
  std::string description;  ///< Markdown; may be empty
  std::string scope;        ///< "submit", "read", "admin", "metrics"; "" needs no key
  std::vector<Parameter> parameters = {};
  std::vector<Content> request = {};  ///< one per media type; none: no body
  bool needs_body = false;            ///< otherwise the body is optional
  std::vector<AnswerDescription> answers = {};
  std::vector<int> problems = {};
};

/// A route in the document.
struct DescribedRoute {
  std::string method;
  std::string pattern;
  Operation operation;
};

/// Adds routes to the router together with their description.
class Routes {
 public:
  explicit Routes(http::Router& router) : router_(router) {}

  /// `operation.scope` becomes the route's tag. `body_bytes` as in http::RouteOptions. Throws
  /// std::invalid_argument as Router::add does, for a repeated id, and unless the parameters of the
  /// path are exactly the described ones.
  void add(std::string_view method, std::string_view pattern, http::Handler handler,
           Operation operation, std::optional<std::uint64_t> body_bytes = {});

  /// Names a schema, for schema_ref(). Throws std::invalid_argument for a repeated name.
  void define(std::string_view name, nlohmann::json schema);

  const std::vector<DescribedRoute>& described() const { return described_; }
  const nlohmann::json& schemas() const { return schemas_; }

 private:
  http::Router& router_;
  std::vector<DescribedRoute> described_;
  nlohmann::json schemas_ = nlohmann::json::object();
};

/// A constant schema or example, written as JSON. Compiles much faster than nested initializer
/// lists. Throws nlohmann::json::exception for text that is not JSON.
nlohmann::json json_of(std::string_view text);

/// {"$ref": "#/components/schemas/NAME"}: a schema of Routes::define(), "Problem", or one of
/// openapi.cc.
nlohmann::json schema_ref(std::string_view name);

}  // namespace steno::api
