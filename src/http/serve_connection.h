#pragma once

#include <memory>

#include "http/connection.h"
#include "http/offload.h"
#include "http/request_ids.h"
#include "http/server.h"
#include "http/task.h"

namespace steno::http {

/// State shared by all connections of a server. The mutable parts are thread-safe.
struct Site {
  const Router& router;
  const ServerLimits& limits;
  const ServerHooks& hooks;
  RequestIds& ids;
  BlockingPool& blocking;
  const TrustProxy& is_trusted_proxy;
};

/// Serves a connection's requests one after another, until it ends.
Task<void> serve_connection(const Site& site, std::shared_ptr<Connection> connection);

/// Answers 503 because there are too many connections, and closes.
Task<void> refuse_connection(std::shared_ptr<Connection> connection);

}  // namespace steno::http
