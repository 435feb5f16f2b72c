#include "api/access/auth.h"

#include <openssl/crypto.h>

#include <memory>
#include <stdexcept>

#include "api/access/origin.h"
#include "domain/api_key.h"
#include "store/key_store.h"

namespace steno::api {
namespace {

constexpr size_t kMostRemembered = 10'000;
constexpr Scopes kAllScopes = static_cast<Scopes>(Scope::submit) |
                              static_cast<Scopes>(Scope::read) | static_cast<Scopes>(Scope::admin) |
                              static_cast<Scopes>(Scope::metrics);

bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

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

http::Task<Caller> identify(http::Request& request, Service& service, KeyRing& ring) {
  const auto key = key_of(request);
  if (!key) {
    if (!service.options.open_without_key) {
      throw unauthorized("missing_key",
                         "Send a key as X-API-Key: KEY or Authorization: Bearer KEY");
    }
    check_local(request, service.options);
    co_return Caller{"anonymous", "local", kAllScopes};
  }
  auto answer = is_api_key(*key) ? ring.remembered(*key) : KeyRing::Answer{};
  if (!answer) {
    auto look_up = [&ring, &key] { return ring.look_up(*key); };
    answer = co_await http::offload(service.pool, look_up);
  }
  if (!answer->caller) {
    throw unauthorized("invalid_key", "The key is unknown, revoked or expired");
  }
  co_return *answer->caller;
}

}  // namespace

std::optional<KeyRing::Answer> KeyRing::remembered(std::string_view key) {
  const std::string hash = hash_api_key(key);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return std::nullopt;
  if (std::chrono::steady_clock::now() - found->second.read_at > kFresh) return std::nullopt;
  return judge(found->second.key);
}

KeyRing::Answer KeyRing::look_up(std::string_view key) {
  const std::string hash = hash_api_key(key);
  const Instant asked_at = std::chrono::steady_clock::now();  // a key may be revoked meanwhile
  const auto stored = keys_.find_by_hash(hash);
  const bool known = stored && same_bytes(stored->hash, hash);
  bool note = false;
  {
    const std::lock_guard lock(mutex_);
    if (!known) {
      entries_.erase(hash);
      return {};
    }
    if (entries_.size() >= kMostRemembered && !entries_.contains(hash)) entries_.clear();
    const auto [entry, fresh] = entries_.try_emplace(hash);
    note = fresh || asked_at - entry->second.noted_at > kNoteEvery;
    entry->second.key = *stored;
    entry->second.read_at = asked_at;
    if (note) entry->second.noted_at = asked_at;
  }
  Answer answer = judge(*stored);
  if (note && answer.caller) note_use(*stored);
  return answer;
}

KeyRing::Answer KeyRing::judge(const ApiKey& key) const {
  if (!is_valid(key, clock_.now())) return {};
  return {Caller{key.id, key.owner, key.scopes}};
}

void KeyRing::note_use(const ApiKey& key) {
  try {
    keys_.note_use(key.id, clock_.now());
  } catch (const StoreError& error) {  // no reason to refuse what the key may do
    log_.warning("the use of a key was not noted", {{"key_id", key.id}, {"error", error.what()}});
  }
}

http::Middleware authentication(Service& service) {
  const auto ring = std::make_shared<KeyRing>(service.store.keys(), service.clock, service.log);
  return [&service, ring](http::Request& request, http::Responder& responder,
                          const http::Handler& next) -> http::Task<void> {
    const std::string tag = request.route() ? request.route()->options.tag : "";
    const bool open = tag.empty() || request.context().has_value() ||
                      (tag == "metrics" && service.options.metrics_without_key);
    if (!open) {
      Caller caller = co_await identify(request, service, *ring);
      if (!caller.may(scope_of(tag))) throw insufficient_scope(tag);
      request.context() = std::move(caller);
    }
    co_await next(request, responder);
  };
}

const Caller& caller_of(http::Request& request) {
  return std::any_cast<const Caller&>(request.context());
}

}  // namespace steno::api
