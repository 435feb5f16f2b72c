#pragma once

#include <memory>

#include "http/connection.h"
#include "http/offload.h"
#include "http/request_ids.h"
#include "http/server.h"
#include "http/task.h"

namespace steno::http {

/// What all connections of a server share. Thread-safe where it can be changed.
struct Site {
  const Router& router;
  const Limits& limits;
  const ServerHooks& hooks;
  RequestIds& ids;
  BlockingPool& blocking;
};

/// Serves a connection's requests, one after another, until it ends.
Task<void> serve_connection(const Site& site, std::shared_ptr<Connection> connection);

/// Says 503 and closes: there are too many connections.
Task<void> turn_away(std::shared_ptr<Connection> connection);

}  // namespace steno::http
