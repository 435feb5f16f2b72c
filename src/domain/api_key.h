#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

// What a key looks like: "steno_", 26 random characters (130 bits), "_", 6 characters of checksum,
// in Crockford's base 32, lower case. The prefix lets scanners find keys in places where they
// should not be; the checksum tells a mistyped key without asking the database.

namespace steno {

/// What a key may do.
enum class Scope : unsigned { submit = 1, read = 2, admin = 4, metrics = 8 };
/// A set of scopes: bits.
using Scopes = unsigned;

/// One API key; the key itself is nowhere, only its hash.
struct ApiKey {
  std::string id;     ///< "key_01…", can be shown
  std::string owner;  ///< what its jobs belong to; a rotated key keeps it
  std::string name;
  std::string prefix;  ///< the first characters of the key, to recognise it
  std::string hash;    ///< SHA-256 of the key, 32 bytes
  Scopes scopes = 0;
  Time created_at;
  std::optional<Time> expires_at;
  std::optional<Time> revoked_at;
  std::optional<Time> last_used_at;

  bool operator==(const ApiKey&) const = default;
};

/// A new key. It is shown once and never stored.
std::string make_api_key();

/// Whether `text` looks like a key, its checksum included.
bool is_api_key(std::string_view text);

/// What is stored of a key: SHA-256, 32 bytes. The key is random, so no salt and no slow hash.
std::string hash_api_key(std::string_view key);

/// The first characters of a key, to recognise it: "steno_7k2m".
std::string api_key_prefix(std::string_view key);

/// Whether the key opens anything at `now`: it is neither revoked nor expired.
bool is_valid(const ApiKey& key, Time now);

/// "submit,read": names in the order of Scope, a comma between.
std::string to_text(Scopes scopes);

/// Reads what to_text() writes, in any order; blanks around names are left out. Fails with
/// invalid_argument for none and for an unknown name.
Result<Scopes> parse_scopes(std::string_view text);

}  // namespace steno
