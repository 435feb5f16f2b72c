#pragma once

#include <cstdint>
#include <memory>

#include "blob/staging.h"

namespace steno::blob {

/// Staged uploads in memory, for tests. Holds `capacity` bytes; more is `no_space`.
std::unique_ptr<UploadStaging> make_memory_staging(std::uint64_t capacity = std::uint64_t{1} << 30);

}  // namespace steno::blob
