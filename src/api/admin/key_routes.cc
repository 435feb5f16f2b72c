#include <chrono>
#include <nlohmann/json.hpp>

#include "api/admin/key_description.h"
#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/core/json_body.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "service/keys.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<Time>& time) {
  return time ? Json(to_iso8601(*time)) : Json(nullptr);
}

Json names_of(Scopes scopes) {
  Json names = Json::array();
  for (const auto scope : {Scope::submit, Scope::read, Scope::admin, Scope::metrics}) {
    const auto bit = static_cast<Scopes>(scope);
    if ((scopes & bit) != 0) names.push_back(to_text(bit));
  }
  return names;
}

Json view_of(const ApiKey& key) {
  return {{"key_id", key.id},
          {"owner", key.owner},
          {"name", key.name},
          {"prefix", key.prefix},
          {"scopes", names_of(key.scopes)},
          {"created_at", to_iso8601(key.created_at)},
          {"expires_at", or_null(key.expires_at)},
          {"revoked_at", or_null(key.revoked_at)},
          {"last_used_at", or_null(key.last_used_at)}};
}

Json view_of(const service::IssuedKey& key) {
  Json view = view_of(key.row);
  view["key"] = key.secret;
  return view;
}

Scopes scopes_of(BodyReader& body) {
  const auto names = body.texts("scopes");
  if (!names) return service::kDefaultScopes;
  Scopes scopes = 0;
  for (const auto& name : *names) {
    const auto scope = parse_scopes(name);
    if (!scope) body.complain("not_a_choice", "scopes", scope.error().message);
    scopes |= scope.value_or(0);
  }
  return scopes;
}

service::NewKey read_wanted(const service::Keys& keys, BodyReader& body) {
  service::NewKey wanted;
  const auto name = body.text("name", service::kLongestKeyName);
  if (!name) body.complain("missing_field", "name", "is required");
  wanted.name = name.value_or("");
  wanted.owner = body.text("owner", service::kLongestKeyName).value_or("");
  wanted.scopes = scopes_of(body);
  wanted.expires_at = body.time("expires_at");
  body.complain(keys.check(wanted));
  body.finish();
  return wanted;
}

http::Task<void> create_key(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto body = co_await read_small_body(request);
  const auto wanted = read_wanted(service.services.keys, body);
  auto create = [&] { return service.services.keys.create(wanted, actor_of(request)); };
  const auto key = value_of(co_await http::offload(service.pool, create));
  co_await responder.send(secret_answer(201, view_of(key)));
}

http::Task<void> list_keys(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto read = [&] { return service.services.keys.list(); };
  const auto keys = co_await http::offload(service.pool, read);
  Json list = {{"keys", Json::array()}};
  for (const auto& key : keys) list["keys"].push_back(view_of(key));
  co_await responder.send(json_answer(200, list));
}

http::Task<void> revoke_key(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto revoke = [&] {
    return service.services.keys.revoke(request.parameter("key_id"), actor_of(request));
  };
  value_of(co_await http::offload(service.pool, revoke));
  co_await responder.send(http::Response::empty(204));
}

http::Task<void> rotate_key(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto body = co_await read_small_body(request);
  const std::chrono::seconds grace(body.integer("grace_seconds", 0, service::kMostGrace.count())
                                       .value_or(service::kDefaultGrace.count()));
  body.finish();
  auto rotate = [&] {
    return service.services.keys.rotate(request.parameter("key_id"), grace, actor_of(request));
  };
  const auto key = value_of(co_await http::offload(service.pool, rotate));
  co_await responder.send(secret_answer(201, view_of(key)));
}

}  // namespace

void add_key_routes(Routes& routes, Service& service) {
  define_key_schemas(routes);
  routes.add("POST", "/api/v1/keys", handle_with(service, create_key), create_key_operation());
  routes.add("GET", "/api/v1/keys", handle_with(service, list_keys), list_keys_operation());
  routes.add("DELETE", "/api/v1/keys/{key_id}", handle_with(service, revoke_key),
             revoke_key_operation());
  routes.add("POST", "/api/v1/keys/{key_id}/rotate", handle_with(service, rotate_key),
             rotate_key_operation());
}

}  // namespace steno::api
