#pragma once

#include <cstdint>
#include <memory>

#include "blob/blob.h"

namespace steno::blob {

/// A store in memory, for tests. It holds `capacity` bytes; more fails with `no_space`.
std::unique_ptr<BlobStore> make_memory_store(std::uint64_t capacity = std::uint64_t{1} << 30);

}  // namespace steno::blob
