#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/service.h"
#include "base/digest.h"

namespace steno::api {

/// One recording on its way from a client into the blob store: written in pieces by the pool, so
/// that it needs the same memory whatever its size. Without keep() nothing of it is left. Belongs
/// to its request's thread.
class Recording {
 public:
  enum class Hashing { no, sha256 };
  struct Limits {
    std::uint64_t most_bytes = 0;
    http::Problem too_large;  ///< what is said beyond it
  };

  /// `name` is the file's as the client wrote it.
  Recording(Service& service, std::string_view name, Limits limits, Hashing hashing);
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  /// Throws ProblemError: 413, or 507 and 503 of the store. `expected`: bytes that are still to
  /// come, if known, for which there must be room.
  http::Task<void> write(std::string_view bytes, std::uint64_t expected = 0);
  /// No more bytes. Throws ProblemError: as write(), and 422 `empty_audio`.
  http::Task<void> finish();

  const std::string& key() const { return key_; }
  std::uint64_t size() const { return size_; }
  /// Of its bytes; empty without Hashing. After finish().
  const std::string& sha256() const { return hash_; }
  /// As a job names it.
  AudioSource source() const;

  /// Makes it a blob, after finish(). Blocks.
  Result<void> keep();

 private:
  http::Task<void> flush(std::uint64_t expected);
  Result<void> store(std::string_view bytes, std::uint64_t expected);

  Service& service_;
  std::string key_;
  std::string name_;
  Limits limits_;
  std::optional<Digest> digest_;
  std::string hash_;
  std::uint64_t size_ = 0;
  std::string buffer_;
  std::unique_ptr<blob::BlobWriter> writer_;
};

/// Whether the disk has room for `bytes` more and the reserve that the configuration asks for;
/// no_space if not. Blocks.
Result<void> check_room(Service& service, std::uint64_t bytes);

/// The last part of a file's name as a client wrote it, without control characters and what is not
/// UTF-8, at most 255 bytes; "" if nothing is left.
std::string plain_file_name(std::string_view name);

}  // namespace steno::api
