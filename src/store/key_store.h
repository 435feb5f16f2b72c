#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/api_key.h"
#include "store/store_error.h"

namespace steno {

class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// Throws if the id or the hash exists already.
  virtual void add(const ApiKey& key) = 0;
  virtual std::optional<ApiKey> find_by_hash(std::string_view hash) = 0;
  virtual std::optional<ApiKey> find(std::string_view id) = 0;
  virtual std::vector<ApiKey> list() = 0;
  /// Returns false if there is no such key, or it is already revoked.
  virtual bool revoke(std::string_view id, Time now) = 0;
  /// Adds the new key and sets the old one to expire at `until`, in one transaction.
  virtual bool rotate(std::string_view old_id, Time until, const ApiKey& fresh) = 0;
  virtual void note_use(std::string_view id, Time now) = 0;
};

}  // namespace steno
