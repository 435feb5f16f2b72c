#include "service/keys.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "base/id.h"
#include "service/text_limits.h"
#include "store/key_store.h"

namespace steno::service {
namespace {

/// Gives `row` what is new for each key.
IssuedKey issue(ApiKey row, Time now) {
  std::string secret = make_api_key();
  row.id = new_id("key_", now);
  row.prefix = api_key_prefix(secret);
  row.hash = hash_api_key(secret);
  row.created_at = now;
  row.revoked_at.reset();
  row.last_used_at.reset();
  return {std::move(row), std::move(secret)};
}

bool is_key_text(const std::string& text) {
  return simdjson::validate_utf8(text) && is_plain_text(text, kLongestKeyName);
}

ServiceError revoked() { return conflict("key_revoked", "The key is revoked"); }

}  // namespace

std::vector<FieldError> Keys::check(const NewKey& wanted) const {
  std::vector<FieldError> errors;
  const std::string rule = plain_text_rule(kLongestKeyName);
  if (!is_key_text(wanted.name)) errors.push_back({"name", rule, "invalid_text"});
  if (!wanted.owner.empty() && !is_key_text(wanted.owner)) {
    errors.push_back({"owner", rule, "invalid_text"});
  }
  if (wanted.scopes == 0) {
    errors.push_back({"scopes", "must name at least one scope", "out_of_range"});
  }
  if (wanted.expires_at && *wanted.expires_at <= clock_.now()) {
    errors.push_back({"expires_at", "must be in the future", "out_of_range"});
  }
  return errors;
}

Outcome<IssuedKey> Keys::create(const NewKey& wanted, const Actor& actor) {
  if (auto errors = check(wanted); !errors.empty()) {
    return refuse(invalid_fields(std::move(errors)));
  }
  const Time now = clock_.now();
  ApiKey row;
  row.name = wanted.name;
  row.owner = wanted.owner.empty() ? new_id("owner_", now) : wanted.owner;
  row.scopes = wanted.scopes;
  row.expires_at = wanted.expires_at;
  IssuedKey key = issue(std::move(row), now);
  store_.add(key.row);
  audit_.add(actor, "key.create", key.row.id);
  return key;
}

std::vector<ApiKey> Keys::list() { return store_.list(); }

Outcome<ApiKey> Keys::find_named(std::string_view name) {
  std::optional<ApiKey> found;
  for (ApiKey& key : store_.list()) {
    if (key.id == name) return std::move(key);
    if (key.revoked_at || (key.prefix != name && key.name != name)) continue;
    if (found) {
      return refuse(conflict("ambiguous_key", "several keys are called " + std::string(name) +
                                                  "; give the id instead"));
    }
    found = std::move(key);
  }
  if (found) return *std::move(found);
  return refuse({ErrorKind::not_found, "not_found", "no key is called " + std::string(name)});
}

ServiceError Keys::refused(const Actor& actor, std::string_view action, std::string_view id,
                           ServiceError error) {
  audit_.add(actor, action, id, error.code);
  return error;
}

Outcome<void> Keys::revoke(std::string_view id, const Actor& actor) {
  if (!store_.find(id)) return refuse(not_found("key"));
  if (!store_.revoke(id, clock_.now())) {
    return refuse(refused(actor, "key.revoke", id, revoked()));
  }
  audit_.add(actor, "key.revoke", id);
  return {};
}

Outcome<IssuedKey> Keys::rotate(std::string_view id, Milliseconds grace, const Actor& actor) {
  if (grace < Milliseconds(0) || grace > kMostGrace) {
    return refuse(invalid_field("out_of_range", "grace_seconds",
                                "must be from 0 to " + std::to_string(kMostGrace.count())));
  }
  const auto old = store_.find(id);
  if (!old) return refuse(not_found("key"));
  const Time now = clock_.now();
  if (!old->revoked_at && !is_valid(*old, now)) {
    return refuse(refused(actor, "key.rotate", id,
                          conflict("key_expired", "The key has expired; create a new key for " +
                                                      old->owner + ", its owner, instead")));
  }
  IssuedKey key = issue(*old, now);
  const Time until = std::min(now + grace, old->expires_at.value_or(Time::max()));
  if (old->revoked_at || !store_.rotate(id, until, key.row)) {
    return refuse(refused(actor, "key.rotate", id, revoked()));
  }
  audit_.add(actor, "key.rotate", id);
  audit_.add(actor, "key.create", key.row.id);
  return key;
}

}  // namespace steno::service
