#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/service.h"
#include "store/key_store.h"

namespace steno::api {

/// Knows who has which key. What the database said of a key is believed for kFresh, so that most
/// requests need no look-up and a revoked key still fails within a second. Thread-safe.
class KeyRing {
 public:
  static constexpr Milliseconds kFresh{500};
  /// A key's use is noted at most this often.
  static constexpr std::chrono::seconds kNoteEvery{60};

  KeyRing(KeyStore& keys, const Clock& clock, Log& log) : keys_(keys), clock_(clock), log_(log) {}

  /// The caller, or nothing for a key that is unknown, revoked or expired. When `remembered` has
  /// nothing, `look_up` asks the database: it blocks.
  struct Answer {
    std::optional<Caller> caller;
  };
  std::optional<Answer> remembered(std::string_view key);
  Answer look_up(std::string_view key);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Entry {
    ApiKey key;
    Instant read_at;
    Instant noted_at;
  };

  Answer judge(const ApiKey& key) const;
  void note_use(const ApiKey& key);

  KeyStore& keys_;
  const Clock& clock_;
  Log& log_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  ///< by hash
};

/// Lets a request pass whose key has the scope that the route's tag names: X-API-Key, or
/// Authorization: Bearer. Else 401 `missing_key` or `invalid_key`, or 403 `insufficient_scope`;
/// where no key is needed, 403 as check_local() says.
/// Routes without a tag, what has no route, and what an earlier middleware has given a context (a
/// signed link) pass without a key.
http::Middleware authentication(Service& service);

}  // namespace steno::api
