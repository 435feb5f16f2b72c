#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace steno::models {

/// The kinds of hashes that a model host supplies.
enum class HashKind {
  sha256,    ///< of the bytes: large files
  git_blob,  ///< SHA-1 of "blob SIZE\0" and the bytes: small files
};

/// A file's hash in hexadecimal. Fails with `io`, or `cancelled` when `stop` is requested.
Result<std::string> hash_file(const std::string& path, HashKind kind, const std::stop_token& stop);

}  // namespace steno::models
