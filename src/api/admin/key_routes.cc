#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "api/admin/audit_trail.h"
#include "api/admin/key_description.h"
#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/core/json_body.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "base/id.h"
#include "domain/api_key.h"
#include "store/key_store.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestName = 100;
constexpr std::int64_t kMostGraceSeconds = 30 * 86'400;
constexpr std::int64_t kDefaultGraceSeconds = 86'400;
constexpr Scopes kDefaultScopes =
    static_cast<Scopes>(Scope::submit) | static_cast<Scopes>(Scope::read);

/// A key's row and, this once, the key.
struct NewKey {
  ApiKey row;
  std::string secret;
};

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

Json view_of(const NewKey& key) {
  Json view = view_of(key.row);
  view["key"] = key.secret;
  return view;
}

/// Everything about a key that is new each time.
NewKey make_key(ApiKey row, Time now) {
  const auto secret = make_api_key();
  row.id = new_id("key_", now);
  row.prefix = api_key_prefix(secret);
  row.hash = hash_api_key(secret);
  row.created_at = now;
  row.revoked_at.reset();
  row.last_used_at.reset();
  return {std::move(row), secret};
}

Scopes scopes_of(BodyReader& body) {
  const auto names = body.texts("scopes");
  if (!names) return kDefaultScopes;
  Scopes scopes = 0;
  for (const auto& name : *names) {
    const auto scope = parse_scopes(name);
    if (!scope) body.complain("not_a_choice", "scopes", scope.error().message);
    scopes |= scope.value_or(0);
  }
  if (names->empty()) body.complain("out_of_range", "scopes", "must name at least one scope");
  return scopes;
}

ApiKey read_wanted(BodyReader& body, Time now) {
  ApiKey key;
  const auto name = body.text("name", kLongestName);
  if (!name) body.complain("missing_field", "name", "is required");
  key.name = name.value_or("");
  key.owner = body.text("owner", kLongestName).value_or("");
  if (key.owner.empty()) key.owner = new_id("owner_", now);
  key.scopes = scopes_of(body);
  key.expires_at = body.time("expires_at");
  if (key.expires_at && *key.expires_at <= now) {
    body.complain("out_of_range", "expires_at", "must be a moment to come");
  }
  body.finish();
  return key;
}

http::Task<void> create_key(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto body = co_await read_small_body(request);
  const auto now = service.clock.now();
  const auto key = make_key(read_wanted(body, now), now);
  auto add = [&] {
    service.store.keys().add(key.row);
    audit(service, request, "key.create", key.row.id);
  };
  co_await http::offload(service.pool, add);
  co_await responder.send(secret_answer(201, view_of(key)));
}

http::Task<void> list_keys(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto read = [&] { return service.store.keys().list(); };
  const auto keys = co_await http::offload(service.pool, read);
  Json list = {{"keys", Json::array()}};
  for (const auto& key : keys) list["keys"].push_back(view_of(key));
  co_await responder.send(json_answer(200, list));
}

/// A key that is there; throws 404.
ApiKey find_key(Service& service, const std::string& id) {
  auto key = service.store.keys().find(id);
  if (!key) throw not_found("key");
  return std::move(*key);
}

[[noreturn]] void refuse_revoked(Service& service, http::Request& request, std::string_view action,
                                 const std::string& id) {
  audit(service, request, action, id, "key_revoked");
  throw conflict("key_revoked", "The key is revoked");
}

http::Task<void> revoke_key(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto revoke = [&] {
    const auto key = find_key(service, request.parameter("key_id"));
    if (!service.store.keys().revoke(key.id, service.clock.now())) {
      refuse_revoked(service, request, "key.revoke", key.id);
    }
    audit(service, request, "key.revoke", key.id);
  };
  co_await http::offload(service.pool, revoke);
  co_await responder.send(http::Response::empty(204));
}

NewKey rotate(Service& service, http::Request& request, std::chrono::seconds grace) {
  const auto old = find_key(service, request.parameter("key_id"));
  const auto now = service.clock.now();
  auto key = make_key(old, now);
  // A key that would have expired within the grace does not live longer by being rotated.
  const Time until = std::min(now + grace, old.expires_at.value_or(Time::max()));
  if (old.revoked_at || !service.store.keys().rotate(old.id, until, key.row)) {
    refuse_revoked(service, request, "key.rotate", old.id);
  }
  audit(service, request, "key.rotate", old.id);
  audit(service, request, "key.create", key.row.id);
  return key;
}

http::Task<void> rotate_key(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto body = co_await read_small_body(request);
  const std::chrono::seconds grace(
      body.integer("grace_seconds", 0, kMostGraceSeconds).value_or(kDefaultGraceSeconds));
  body.finish();
  auto change = [&] { return rotate(service, request, grace); };
  const auto key = co_await http::offload(service.pool, change);
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
