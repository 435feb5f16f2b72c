#include "api/jobs/shown_results.h"

namespace steno::api {

ShownResults::Text ShownResults::find(const std::string& key) {
  const MutexLock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void ShownResults::keep(const std::string& key, Text text) {
  const MutexLock lock(mutex_);
  if (by_key_.contains(key)) return;
  bytes_ += text->size();
  entries_.emplace_front(key, std::move(text));
  by_key_.emplace(key, entries_.begin());
  while (bytes_ > most_) {
    bytes_ -= entries_.back().second->size();
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

}  // namespace steno::api
