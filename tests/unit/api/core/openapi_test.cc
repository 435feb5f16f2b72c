#include "api/core/openapi.h"

#include <algorithm>
#include <set>

#include "api/fields/fields.h"
#include "api/uploads/tus.h"
#include "service/cursor.h"
#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

using nlohmann::json;

class Document : public ApiTest {};

// Every "$ref" in it.
void collect_references(const json& value, std::set<std::string>& found) {
  if (value.is_object() && value.contains("$ref") && value["$ref"].is_string()) {
    found.insert(value["$ref"]);
  }
  if (value.is_structured()) {
    for (const json& inner : value) collect_references(inner, found);
  }
}

TEST_F(Document, HasEveryRouteOfTheRouter) {
  http::Router router;
  add_api(router, service());
  const Reply reply = get("/openapi.json");
  ASSERT_EQ(reply.status, 200);
  const json document = reply.json();
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  std::set<std::string> routes;
  for (const http::Route& route : router.routes()) {
    std::string method = route.method;
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
    routes.insert(method + " " + route.pattern);
  }
  std::set<std::string> described;
  for (const auto& [path, methods] : document.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) described.insert(method + " " + path);
  }
  EXPECT_EQ(described, routes);
}

TEST_F(Document, NamesOnlySchemasThatItHas) {
  const json document = get("/openapi.json").json();
  std::set<std::string> references;
  collect_references(document, references);
  EXPECT_FALSE(references.empty());
  for (const std::string& reference : references) {
    EXPECT_TRUE(document.contains(json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST_F(Document, ShowsTheFieldsThatAreValidated) {
  const json document = get("/openapi.json").json();
  const json& properties = document["components"]["schemas"]["Submission"]["properties"];
  EXPECT_EQ(properties.size(), submission_fields().size());
  for (const Field& field : submission_fields()) {
    ASSERT_TRUE(properties.contains(field.name));
    EXPECT_FALSE(properties[field.name].at("description").get<std::string>().empty());
  }
  EXPECT_EQ(properties["priority"]["maximum"], 9);
  EXPECT_EQ(properties["word_timestamps"]["default"], true);
  EXPECT_EQ(properties["task"]["enum"], (json{"transcribe", "translate"}));
}

// The ranges in the document are those of the validation.
TEST_F(Document, SaysTheRangesThatHold) {
  for (const Field& field : submission_fields()) {
    for (const auto& [end, step] : {std::pair("minimum", -1.0), std::pair("maximum", 1.0)}) {
      if (!field.schema.contains(end)) continue;
      const double limit = field.schema[end];
      const bool whole = field.shape == Shape::whole;
      EXPECT_TRUE(field.check(whole ? json(static_cast<std::int64_t>(limit)) : json(limit)))
          << field.name << " " << end;
      EXPECT_FALSE(field.check(json(limit + step))) << field.name << " beyond " << end;
    }
    if (!field.schema.contains("enum")) continue;
    for (const json& choice : field.schema["enum"]) EXPECT_TRUE(field.check(choice)) << field.name;
  }
}

TEST_F(Document, SaysWhichKeysAndProblemsThereAre) {
  const json document = get("/openapi.json").json();
  const json& submit = document["paths"]["/api/v1/transcribe"]["post"];
  for (const char* status : {"202", "400", "401", "403", "409", "413", "422", "429", "507"}) {
    EXPECT_TRUE(submit["responses"].contains(status)) << status;
  }
  EXPECT_EQ(submit["x-required-scope"], "submit");
  EXPECT_TRUE(document["components"]["securitySchemes"].contains("bearer"));
  EXPECT_EQ(document["paths"]["/openapi.json"]["get"]["security"], json::array());
}

const json& parameter_of(const json& operation, const std::string& name) {
  for (const json& parameter : operation.at("parameters")) {
    if (parameter.at("name") == name) return parameter;
  }
  throw std::out_of_range(name);
}

TEST_F(Document, SaysHowTextsMustBeWritten) {
  options_.time_limit = Milliseconds(60'000);
  const json document = get("/openapi.json").json();
  const json& paths = document["paths"];
  const json& submit = paths["/api/v1/transcribe"]["post"];
  EXPECT_EQ(parameter_of(submit, "temperature")["explode"], false);
  EXPECT_EQ(parameter_of(submit, "temperature")["schema"]["type"], "array");
  EXPECT_EQ(submit["requestBody"]["required"], false);
  EXPECT_EQ(paths["/api/v1/transcribe/upload"]["post"]["requestBody"]["required"], true);
  EXPECT_EQ(parameter_of(paths["/api/v1/jobs"]["get"], "cursor")["schema"]["pattern"],
            service::kCursorPattern);
  for (const char* schema : {"Submission", "SubmissionForm"}) {
    EXPECT_EQ(document["components"]["schemas"][schema]["properties"]["time_limit"]["maximum"], 60);
  }
  const json& upload = paths["/api/v1/uploads"]["post"];
  EXPECT_EQ(parameter_of(upload, "Upload-Length")["schema"]["maximum"], options_.max_upload_bytes);
  const json& chunk = paths["/api/v1/uploads/{upload_id}"]["patch"];
  EXPECT_EQ(parameter_of(chunk, "Upload-Offset")["schema"]["maximum"], kMostUploadNumber);
  for (const char* status : {"414", "431"}) {
    EXPECT_TRUE(upload["responses"].contains(status)) << status;
  }
}

TEST(Routes, RefuseAPathWhoseParametersAreNotDescribed) {
  http::Router router;
  Routes routes(router);
  Operation operation;
  operation.id = "x";
  EXPECT_THROW(routes.add("GET", "/a/{b}", {}, operation), std::invalid_argument);
  routes.add("GET", "/a", {}, operation);
  EXPECT_THROW(routes.add("GET", "/c", {}, operation), std::invalid_argument);
  routes.define("S", {});
  EXPECT_THROW(routes.define("S", {}), std::invalid_argument);
}

}  // namespace
}  // namespace steno::api
