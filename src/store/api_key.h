#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

// What a key looks like: "steno_", 26 random characters (130 bits), "_", 6 characters of checksum,
// in Crockford's base 32, lower case. The prefix lets scanners find keys in places where they
// should not be; the checksum tells a mistyped key without asking the database.

namespace steno {

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
