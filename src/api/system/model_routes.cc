#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

/// The usable models. Models with a damaged folder are omitted.
Json list_models(const models::Library& library, const std::string& default_model) {
  Json list = {{"models", Json::array()}};
  for (const auto& folder : library.installed()) {
    const auto description = models::describe(folder.path);
    if (!description) continue;
    list["models"].push_back({{"name", folder.name},
                              {"languages", description->languages},
                              {"bytes", description->bytes},
                              {"default", folder.name == default_model}});
  }
  return list;
}

http::Task<void> show_models(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto read = [&service] { return list_models(service.library, service.options.default_model); };
  const auto list = co_await http::offload(service.pool, read);
  co_await responder.send(json_answer(200, list));
}

Operation models_operation() {
  const nlohmann::json schema = json_of(R"({
    "type": "object",
    "properties": {
      "models": {
        "type": "array",
        "items": {
          "type": "object",
          "properties": {
            "name": {"type": "string", "description": "The value for `model` of a submission"},
            "languages": {"type": "string"},
            "bytes": {"type": "integer", "minimum": 0},
            "default": {"type": "boolean", "description": "Used for submissions without a model"}
          },
          "required": ["name", "languages", "bytes", "default"]
        }
      }
    },
    "required": ["models"]
  })");
  const nlohmann::json example = json_of(R"({
    "models": [
      {"name": "base", "languages": "99 languages", "bytes": 147951465, "default": true}
    ]
  })");
  return {.id = "list_models",
          .group = "Models",
          .summary = "List the models of this service",
          .description = "",
          .scope = "read",
          .answers = {{200, "The models", {{.schema = schema, .example = example}}}},
          .problems = {422}};
}

}  // namespace

void add_model_routes(Routes& routes, Service& service) {
  routes.add("GET", "/api/v1/models", handle_with(service, show_models), models_operation());
}

}  // namespace steno::api
