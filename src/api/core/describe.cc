#include "api/core/describe.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace steno::api {
namespace {

std::set<std::string> names_in_pattern(std::string_view pattern) {
  std::set<std::string> names;
  for (size_t open = pattern.find('{'); open != std::string_view::npos;
       open = pattern.find('{', open + 1)) {
    names.emplace(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  }
  return names;
}

std::set<std::string> described_path_names(const Operation& operation) {
  std::set<std::string> names;
  for (const Parameter& parameter : operation.parameters) {
    if (parameter.in == Parameter::In::path) names.insert(parameter.name);
  }
  return names;
}

}  // namespace

void Routes::add(std::string_view method, std::string_view pattern, http::Handler handler,
                 Operation operation, std::optional<std::uint64_t> body_bytes) {
  if (names_in_pattern(pattern) != described_path_names(operation)) {
    throw std::invalid_argument("the parameters of " + std::string(pattern) + " are not described");
  }
  const auto same_id = [&](const DescribedRoute& route) {
    return route.operation.id == operation.id;
  };
  if (std::ranges::any_of(described_, same_id)) {
    throw std::invalid_argument("two operations are called " + operation.id);
  }
  router_.add(method, pattern, std::move(handler), {body_bytes, operation.scope});
  described_.push_back({std::string(method), std::string(pattern), std::move(operation)});
}

void Routes::define(std::string_view name, nlohmann::json schema) {
  if (!schemas_.emplace(name, std::move(schema)).second) {
    throw std::invalid_argument("two schemas are called " + std::string(name));
  }
}

nlohmann::json json_of(std::string_view text) { return nlohmann::json::parse(text); }

nlohmann::json schema_ref(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

}  // namespace steno::api
