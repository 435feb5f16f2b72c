#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

// The format of a key: "steno_", 26 random characters (130 bits), "_", 6 characters of checksum, in
// Crockford's base 32, lower case. The prefix lets scanners find leaked keys. The checksum detects
// mistyped keys without a database access.

namespace steno {

/// A permission of a key.
enum class Scope : unsigned { submit = 1, read = 2, admin = 4, metrics = 8 };
/// A set of scopes: bits.
using Scopes = unsigned;

/// One API key. The key itself is not stored, only its hash.
struct ApiKey {
  std::string id;     ///< "key_01…", not secret
  std::string owner;  ///< owner of its jobs; a rotated key keeps it
  std::string name;
  std::string prefix;  ///< the first characters of the key, for recognition
  std::string hash;    ///< SHA-256 of the key, 32 bytes
  Scopes scopes = 0;
  Time created_at;
  std::optional<Time> expires_at;
  std::optional<Time> revoked_at;
  std::optional<Time> last_used_at;

  bool operator==(const ApiKey&) const = default;
};

/// Generates a new key. It is shown once and never stored.
std::string make_api_key();

/// Whether `text` has the format of a key and a valid checksum.
bool is_api_key(std::string_view text);

/// The stored form of a key: SHA-256, 32 bytes. A random key needs no salt and no slow hash.
std::string hash_api_key(std::string_view key);

/// The first characters of a key, for recognition: "steno_7k2m".
std::string api_key_prefix(std::string_view key);

/// Whether the key is valid at `now`: neither revoked nor expired.
bool is_valid(const ApiKey& key, Time now);

/// "submit,read": names in the order of Scope, separated by commas.
std::string to_text(Scopes scopes);

/// Parses names in any order; blanks around them are ignored. Fails with invalid_argument for an
/// empty list and for an unknown name.
Result<Scopes> parse_scopes(std::string_view text);

}  // namespace steno
