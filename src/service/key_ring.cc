#include "service/key_ring.h"

#include <openssl/crypto.h>

#include "store/key_store.h"
#include "telemetry/log.h"

namespace steno::service {
namespace {

constexpr size_t kMostRemembered = 10'000;

bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<KeyRing::Identity> KeyRing::remembered(std::string_view key) {
  const std::string hash = hash_api_key(key);
  const MutexLock lock(mutex_);
  const auto found = entries_.find(hash);
  if (found == entries_.end()) return std::nullopt;
  if (std::chrono::steady_clock::now() - found->second.read_at > kFresh) return std::nullopt;
  return identify(found->second.key);
}

KeyRing::Identity KeyRing::look_up(std::string_view key) {
  const std::string hash = hash_api_key(key);
  const Instant asked_at = std::chrono::steady_clock::now();  // a key may be revoked meanwhile
  const auto stored = keys_.find_by_hash(hash);
  const bool known = stored && same_bytes(stored->hash, hash);
  bool note = false;
  {
    const MutexLock lock(mutex_);
    if (!known) {
      entries_.erase(hash);
      return {};
    }
    if (entries_.size() >= kMostRemembered && !entries_.contains(hash)) entries_.clear();
    const auto [entry, fresh] = entries_.try_emplace(hash);
    note = fresh || asked_at - entry->second.noted_at > kNoteEvery;
    entry->second.key = *stored;
    entry->second.read_at = asked_at;
    if (note) entry->second.noted_at = asked_at;
  }
  Identity identity = identify(*stored);
  if (note && identity.caller) note_use(*stored);
  return identity;
}

KeyRing::Identity KeyRing::identify(const ApiKey& key) const {
  if (!is_valid(key, clock_.now())) return {};
  return {Caller{key.id, key.owner, key.scopes}};
}

void KeyRing::note_use(const ApiKey& key) {
  try {
    keys_.note_use(key.id, clock_.now());
  } catch (const StoreError& error) {  // no reason to refuse what the key may do
    log_.warning("the use of a key was not noted", {{"key_id", key.id}, {"error", error.what()}});
  }
}

}  // namespace steno::service
