#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "store/key_store.h"
#include "telemetry/log.h"

namespace steno::api {

/// Tells those who serve a caller for long when its key is no good any more: revoked, whichever
/// process did that, or expired. One thread asks the database every kEvery, once for each key,
/// while anybody waits for that. Thread-safe.
class KeyWatch {
 public:
  static constexpr Milliseconds kEvery{1000};

  /// Called once, on the watch's thread, under its lock: must neither block nor call the watch.
  using Ended = std::function<void()>;

  /// Ends at its destruction: nobody is told any more once that has returned.
  class Hold {
   public:
    Hold(KeyWatch& watch, std::uint64_t number) : watch_(watch), number_(number) {}
    ~Hold() { watch_.forget(number_); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    KeyWatch& watch_;
    std::uint64_t number_;
  };

  /// All of it is borrowed and outlives the watch.
  KeyWatch(KeyStore& keys, const Clock& clock, Log& log);

  /// A key that is none ("anonymous") counts as good for ever.
  [[nodiscard]] Hold watch(std::string key_id, Ended ended);

 private:
  struct Watched {
    std::string key_id;
    Ended ended;
  };

  void forget(std::uint64_t number);
  void run(const std::stop_token& stop);
  void look();
  std::set<std::string> watched_keys();
  void end(const std::string& key_id);

  KeyStore& keys_;
  const Clock& clock_;
  Log& log_;
  std::mutex mutex_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, Watched> watched_;
  std::jthread thread_;
};

}  // namespace steno::api
