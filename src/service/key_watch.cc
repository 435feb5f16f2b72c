#include "service/key_watch.h"

#include <utility>

#include "base/pause.h"
#include "domain/api_key.h"
#include "store/key_store.h"
#include "telemetry/log.h"

namespace steno::service {

KeyWatch::KeyWatch(KeyStore& keys, const Clock& clock, Log& log)
    : keys_(keys),
      clock_(clock),
      log_(log),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

KeyWatch::Registration KeyWatch::watch(std::string key_id, Ended ended) {
  const MutexLock lock(mutex_);
  const auto number = next_number_++;
  watched_.emplace(number, Watched{std::move(key_id), std::move(ended)});
  return {*this, number};
}

void KeyWatch::forget(std::uint64_t number) {
  const MutexLock lock(mutex_);
  watched_.erase(number);
}

void KeyWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pause_for(kEvery, stop);
    try {
      check_keys();
    } catch (const StoreError& error) {  // the streams cannot read it either
      log_.warning("keys of open streams cannot be read", {{"cause", error.what()}});
    }
  }
}

void KeyWatch::check_keys() {
  for (const std::string& id : watched_keys()) {
    const auto key = keys_.find(id);
    if (key && !is_valid(*key, clock_.now())) end(id);
  }
}

std::set<std::string> KeyWatch::watched_keys() {
  const MutexLock lock(mutex_);
  std::set<std::string> ids;
  for (const auto& [number, watched] : watched_) ids.insert(watched.key_id);
  return ids;
}

void KeyWatch::end(const std::string& key_id) {
  const MutexLock lock(mutex_);
  for (auto& [number, watched] : watched_) {
    if (watched.key_id != key_id || !watched.ended) continue;
    std::exchange(watched.ended, {})();
  }
}

}  // namespace steno::service
