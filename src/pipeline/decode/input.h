#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "pipeline/decode/decode.h"

namespace steno::decode {

/// The bytes of a source, for FFmpeg. Called from C code, so no function throws. Not thread-safe.
class Input {
 public:
  virtual ~Input() = default;
  /// Reads up to `buffer.size()` bytes and returns their number: 0 at the end, a negative errno
  /// value on failure (-ECANCELED when stopped).
  virtual int read(std::span<std::byte> buffer) = 0;
  /// Moves to `offset` from the start. False if the source cannot.
  virtual bool seek(std::int64_t offset) = 0;
  /// The size in bytes, -1 if it is not known.
  virtual std::int64_t size() const = 0;
  bool is_seekable() const { return size() >= 0; }
};

/// The name without control characters, so that each message is one line.
std::string one_line(std::string name);

/// Opens the bytes of a source. Errors: not_found, io, cancelled.
Result<std::unique_ptr<Input>> open_input(const Source& source, std::stop_token stop);

}  // namespace steno::decode
