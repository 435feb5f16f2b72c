#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace steno {

/// Bytes of a known size that can be read at any offset: a blob, a file, an object in a cloud.
/// The content does not change while the reader lives. Thread-safe; calls block.
class RangeReader {
 public:
  virtual ~RangeReader() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `into` with the bytes from `offset` on and returns the number of bytes read. The number
  /// is smaller than `into.size()` only where the content ends. Errors: `io`, `unavailable`.
  virtual Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into) const = 0;
};

}  // namespace steno
