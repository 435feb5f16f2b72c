#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/api_key.h"
#include "service/audit_trail.h"
#include "service/caller.h"
#include "service/error.h"

namespace steno {
class KeyStore;
}

namespace steno::service {

/// Most characters of a key's name or owner.
inline constexpr std::size_t kLongestKeyName = 100;
inline constexpr Scopes kDefaultScopes =
    static_cast<Scopes>(Scope::submit) | static_cast<Scopes>(Scope::read);
/// How long a rotated key still works.
inline constexpr std::chrono::seconds kDefaultGrace = std::chrono::days(1);
inline constexpr std::chrono::seconds kMostGrace = std::chrono::days(30);

/// A key that somebody wants.
struct NewKey {
  std::string name;   ///< required
  std::string owner;  ///< empty: a new owner
  Scopes scopes = kDefaultScopes;
  std::optional<Time> expires_at;  ///< none: never
};

/// A key as it is shown once.
struct IssuedKey {
  ApiKey row;
  std::string secret;  ///< the key itself; it is stored nowhere
};

/// API keys: the only code that makes, revokes or rotates one, for HTTP and for `steno keys`.
/// Every change, and every refused one, is written to the audit log. Thread-safe; calls block and
/// throw StoreError.
class Keys {
 public:
  /// All of it is borrowed.
  Keys(KeyStore& store, AuditTrail& audit, const Clock& clock)
      : store_(store), audit_(audit), clock_(clock) {}

  /// Every rule that `wanted` breaks; paths are the field names: "name", "owner", "scopes",
  /// "expires_at".
  std::vector<FieldError> check(const NewKey& wanted) const;
  /// Makes the key. Errors: `invalid`, with what check() says.
  Outcome<IssuedKey> create(const NewKey& wanted, const Actor& actor);

  /// All keys, oldest first.
  std::vector<ApiKey> list();
  /// The key with this id, or the only key that is not revoked with these first characters or this
  /// name. Errors: `not_found`; `conflict` with `ambiguous_key`.
  Outcome<ApiKey> find_named(std::string_view name);

  /// Ends the key now. Errors: `not_found`; `conflict` with `key_revoked`.
  Outcome<void> revoke(std::string_view id, const Actor& actor);
  /// Issues a new key with the owner, name, scopes and expiry of this one, which still works for
  /// `grace`, but never longer than its own expiry. Errors: `not_found`; `invalid` for a grace that
  /// is not from 0 to kMostGrace (path "grace_seconds"); `conflict` with `key_revoked`, or with
  /// `key_expired`: an expiry is a promise that access ends, so a rotation does not renew it.
  Outcome<IssuedKey> rotate(std::string_view id, Milliseconds grace, const Actor& actor);

 private:
  ServiceError refused(const Actor& actor, std::string_view action, std::string_view id,
                       ServiceError error);

  KeyStore& store_;
  AuditTrail& audit_;
  const Clock& clock_;
};

}  // namespace steno::service
