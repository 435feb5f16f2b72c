#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/mutex.h"
#include "domain/api_key.h"
#include "service/caller.h"

namespace steno {
class KeyStore;
class Log;
}  // namespace steno

namespace steno::service {

/// Finds the caller to whom a key belongs. An answer of the database is reused for kFresh, so most
/// requests need no look-up, and a revoked key fails within a second. Thread-safe.
class KeyRing {
 public:
  static constexpr Milliseconds kFresh{500};
  /// The use of a key is stored at most this often.
  static constexpr std::chrono::seconds kNoteEvery{60};

  /// All of it is borrowed.
  KeyRing(KeyStore& keys, const Clock& clock, Log& log) : keys_(keys), clock_(clock), log_(log) {}

  /// The caller of a key.
  struct Identity {
    std::optional<Caller> caller;  ///< none: the key is unknown, revoked or expired
  };
  /// The answer of an earlier look_up(); nothing if the database must be asked again.
  std::optional<Identity> remembered(std::string_view key);
  /// Asks the database. Blocks; throws StoreError.
  Identity look_up(std::string_view key);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Entry {
    ApiKey key;
    Instant read_at;
    Instant noted_at;
  };

  Identity identify(const ApiKey& key) const;
  void note_use(const ApiKey& key);

  KeyStore& keys_;
  const Clock& clock_;
  Log& log_;
  Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ GUARDED_BY(mutex_);  ///< by hash
};

}  // namespace steno::service
