#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace steno {

/// A cryptographic hash that is computed incrementally. Not thread-safe.
class Digest {
 public:
  enum class Kind { sha256, sha1 };

  explicit Digest(Kind kind = Kind::sha256);
  ~Digest();
  Digest(Digest&& other) noexcept;
  Digest& operator=(Digest&& other) noexcept;

  void add(std::string_view bytes);
  /// The hash, 32 or 20 bytes. No more bytes may be added afterwards.
  std::string finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// SHA-256 of `bytes`: 32 bytes.
std::string sha256(std::string_view bytes);

/// Formats bytes in lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

}  // namespace steno
