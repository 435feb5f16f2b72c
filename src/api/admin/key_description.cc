#include "api/admin/key_description.h"

#include "service/text_limits.h"

namespace steno::api {
namespace {

using Schema = nlohmann::json;

Schema key_schema() {
  return json_of(R"({
    "type": "object",
    "properties": {
      "key_id": {"type": "string"},
      "owner": {"type": "string", "description": "The owner whose jobs the key can see"},
      "name": {"type": "string"},
      "prefix": {"type": "string", "description": "The first characters of the key"},
      "scopes": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "enum": ["submit", "read", "admin", "metrics"]}
      },
      "created_at": {"type": "string", "format": "date-time"},
      "expires_at": {
        "type": ["string", "null"], "format": "date-time", "description": "Null: never"
      },
      "revoked_at": {
        "type": ["string", "null"], "format": "date-time", "description": "Null: not revoked"
      },
      "last_used_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "To the minute; null: never"
      }
    },
    "required": [
      "key_id", "owner", "name", "prefix", "scopes", "created_at", "expires_at", "revoked_at",
      "last_used_at"
    ]
  })");
}

Schema new_key_schema() {
  auto schema = key_schema();
  schema["properties"]["key"] = json_of(R"({"type": "string", "description": "Shown only once"})");
  schema["required"].push_back("key");
  return schema;
}

Schema example_key() {
  return json_of(R"({
    "key_id": "key_01k3q8n0vt4m9c2x7h5r6w8y1z",
    "owner": "owner_01k3q8n0vt0y7e4g2s6d8f9a3b",
    "name": "call centre",
    "prefix": "steno_7k2m",
    "scopes": ["submit", "read"],
    "created_at": "2026-11-25T18:03:07.123Z",
    "expires_at": null,
    "revoked_at": null,
    "last_used_at": null
  })");
}

Schema example_new_key() {
  auto key = example_key();
  key["key"] = "steno_7k2m… (shown only once)";
  return key;
}

Parameter key_id_parameter() {
  return {.name = "key_id",
          .in = Parameter::In::path,
          .description = "The id of the key, not the key itself",
          .example = "key_01k3q8n0vt4m9c2x7h5r6w8y1z",
          .required = true};
}

AnswerDescription new_key_answer() {
  return {201,
          "The key, which is shown only once",
          {{.schema = schema_ref("NewApiKey"), .example = example_new_key()}}};
}

}  // namespace

void define_key_schemas(Routes& routes) {
  routes.define("ApiKey", key_schema());
  routes.define("NewApiKey", new_key_schema());
}

Operation create_key_operation() {
  const Schema known = key_schema()["properties"];
  Schema schema = json_of(R"({
    "type": "object",
    "additionalProperties": false,
    "required": ["name"],
    "properties": {
      "name": {"type": "string", "minLength": 1, "maxLength": 100},
      "owner": {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": 100,
        "description": "The owner whose jobs the key can see; null: a new owner"
      }
    }
  })");
  Schema& properties = schema["properties"];
  properties["name"]["pattern"] = service::kNoControlCharacters;
  properties["owner"]["pattern"] = service::kNoControlCharacters;
  properties["scopes"] = known["scopes"];
  properties["expires_at"] = known["expires_at"];
  const Schema example = json_of(R"({"name": "call centre", "scopes": ["submit", "read"]})");
  return {.id = "create_key",
          .group = "Keys",
          .summary = "Create a key",
          .description = "Without `scopes` it may submit and read.",
          .scope = "admin",
          .request = {{.schema = schema, .example = example}},
          .needs_body = true,
          .answers = {new_key_answer()},
          .problems = {422, 507}};
}

Operation list_keys_operation() {
  const Schema schema = json_of(R"({
    "type": "object",
    "properties": {"keys": {"type": "array", "items": {"$ref": "#/components/schemas/ApiKey"}}},
    "required": ["keys"]
  })");
  return {.id = "list_keys",
          .group = "Keys",
          .summary = "List all keys",
          .description = "",
          .scope = "admin",
          .answers = {{200,
                       "The keys, without their secrets",
                       {{.schema = schema, .example = {{"keys", {example_key()}}}}}}},
          .problems = {422}};
}

Operation revoke_key_operation() {
  return {.id = "revoke_key",
          .group = "Keys",
          .summary = "Revoke a key",
          .description = "The key stops working within a second, permanently. Its jobs are kept.",
          .scope = "admin",
          .parameters = {key_id_parameter()},
          .answers = {{204, "The key is revoked"}},
          .problems = {404, 409, 422, 507}};
}

Operation rotate_key_operation() {
  const Schema schema = json_of(R"({
    "type": "object",
    "additionalProperties": false,
    "properties": {
      "grace_seconds": {
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": 2592000,
        "default": 86400,
        "description": "How long the old key stays valid"
      }
    }
  })");
  return {.id = "rotate_key",
          .group = "Keys",
          .summary = "Replace a key by a new one of the same owner, name and scopes",
          .description =
              "The new key has the expiry of the old one. 409 `key_revoked` or `key_expired`: an "
              "invalid key cannot be rotated; create a new key with the same `owner`.",
          .scope = "admin",
          .parameters = {key_id_parameter()},
          .request = {{.schema = schema, .example = json_of(R"({"grace_seconds": 3600})")}},
          .answers = {new_key_answer()},
          .problems = {404, 409, 422, 507}};
}

}  // namespace steno::api
