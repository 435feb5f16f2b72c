#include "api/access/auth.h"

#include <any>
#include <stdexcept>

#include "api/access/origin.h"
#include "domain/api_key.h"

namespace steno::api {
namespace {

constexpr Scopes kAllScopes = static_cast<Scopes>(Scope::submit) |
                              static_cast<Scopes>(Scope::read) | static_cast<Scopes>(Scope::admin) |
                              static_cast<Scopes>(Scope::metrics);

http::ProblemError unauthorized(std::string_view code, std::string_view detail) {
  http::Problem problem{401, std::string(code), std::string(detail)};
  problem.headers.set("WWW-Authenticate", "Bearer realm=\"steno\"");
  return http::ProblemError(std::move(problem));
}

http::ProblemError insufficient_scope(const std::string& scope) {
  http::Problem problem{403, "insufficient_scope", "The key does not have the scope " + scope};
  problem.headers.set(
      "WWW-Authenticate",
      "Bearer realm=\"steno\", error=\"insufficient_scope\", scope=\"" + scope + "\"");
  return http::ProblemError(std::move(problem));
}

// The key that the request names; nothing if it names none.
std::optional<std::string> key_of(const http::Request& request) {
  if (const auto key = request.header("X-API-Key")) return std::string(*key);
  const auto header = request.header("Authorization");
  if (!header) return std::nullopt;
  constexpr std::string_view kScheme = "Bearer ";
  if (!http::equal_ignoring_case(header->substr(0, kScheme.size()), kScheme)) {
    throw unauthorized("invalid_key", "The Authorization header must be: Bearer KEY");
  }
  std::string_view key = header->substr(kScheme.size());
  while (key.starts_with(' ')) key.remove_prefix(1);
  return std::string(key);
}

Scope scope_of(const std::string& tag) {
  const auto scopes = parse_scopes(tag);
  if (!scopes) throw std::logic_error("a route has the tag " + tag + ", which is no scope");
  return static_cast<Scope>(*scopes);
}

http::Task<Caller> identify(http::Request& request, Service& service) {
  const auto key = key_of(request);
  if (!key) {
    if (!service.options.open_without_key) {
      throw unauthorized("missing_key",
                         "Send a key as X-API-Key: KEY or Authorization: Bearer KEY");
    }
    check_local(request, service.options);
    co_return Caller{"anonymous", "local", kAllScopes};
  }
  auto& ring = service.services.key_ring;
  auto identity = is_api_key(*key) ? ring.remembered(*key) : service::KeyRing::Identity{};
  if (!identity) {
    auto look_up = [&ring, &key] { return ring.look_up(*key); };
    identity = co_await http::offload(service.pool, look_up);
  }
  if (!identity->caller) {
    throw unauthorized("invalid_key", "The key is unknown, revoked or expired");
  }
  co_return *identity->caller;
}

}  // namespace

http::Middleware authentication(Service& service) {
  return [&service](http::Request& request, http::Responder& responder,
                    const http::Handler& next) -> http::Task<void> {
    const std::string tag = request.route() ? request.route()->options.tag : "";
    const bool open = tag.empty() || request.context().has_value() ||
                      (tag == "metrics" && service.options.metrics_without_key);
    if (!open) {
      Caller caller = co_await identify(request, service);
      if (!caller.may(scope_of(tag))) throw insufficient_scope(tag);
      request.context() = std::move(caller);
    }
    co_await next(request, responder);
  };
}

const Caller& caller_of(http::Request& request) {
  return std::any_cast<const Caller&>(request.context());
}

service::Actor actor_of(http::Request& request) {
  return {caller_of(request).key_id, request.remote_address(), request.id()};
}

}  // namespace steno::api
