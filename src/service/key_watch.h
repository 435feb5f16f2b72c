#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"

namespace steno {
class KeyStore;
class Log;
}  // namespace steno

namespace steno::service {

/// Reports when a key that serves a long request is revoked, by whichever process, or expires. One
/// thread reads each watched key from the database every kEvery. Thread-safe.
class KeyWatch {
 public:
  static constexpr Milliseconds kEvery{1000};

  /// Called once, on the watch's thread, under its lock: must neither block nor call the watch.
  using Ended = std::function<void()>;

  /// One watched key. After its destruction Ended is not called any more.
  class Registration {
   public:
    Registration(KeyWatch& watch, std::uint64_t number) : watch_(watch), number_(number) {}
    ~Registration() { watch_.forget(number_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

   private:
    KeyWatch& watch_;
    std::uint64_t number_;
  };

  /// All of it is borrowed and outlives the watch.
  KeyWatch(KeyStore& keys, const Clock& clock, Log& log);

  /// An id that no key has ("anonymous") never ends.
  [[nodiscard]] Registration watch(std::string key_id, Ended ended);

 private:
  struct Watched {
    std::string key_id;
    Ended ended;
  };

  void forget(std::uint64_t number);
  void run(const std::stop_token& stop);
  void check_keys();
  std::set<std::string> watched_keys();
  void end(const std::string& key_id);

  KeyStore& keys_;
  const Clock& clock_;
  Log& log_;
  Mutex mutex_;
  std::uint64_t next_number_ GUARDED_BY(mutex_) = 1;
  std::map<std::uint64_t, Watched> watched_ GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace steno::service
