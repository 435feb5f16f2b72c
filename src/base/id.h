#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace steno {

/// A new identifier such as "job_01k3q…": the prefix and 26 characters (Crockford base 32, lower
/// case). They encode 48 bits of milliseconds and 80 random bits, as ULID, so identifiers sort by
/// time. Cannot be guessed. Thread-safe.
std::string new_id(std::string_view prefix, Time now);

/// `count` random bytes from the kernel.
std::string random_bytes(size_t count);

}  // namespace steno
