#pragma once

#include <string>

#include "domain/api_key.h"

namespace steno::service {

/// The caller of a use case, as its key identifies it.
struct Caller {
  std::string key_id;  ///< "anonymous" without a key, where the configuration allows that
  std::string owner;
  Scopes scopes = 0;

  bool may(Scope scope) const { return (scopes & static_cast<Scopes>(scope)) != 0; }
};

/// The origin of a change, for the audit log.
struct Actor {
  std::string id;  ///< a key's id, "local" for a command on the machine, "service"
  std::string address = {};
  std::string request_id = {};
};

}  // namespace steno::service
