#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/http.h"
#include "http/offload.h"
#include "models/models.h"
#include "service/services.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace steno::api {

class EventHub;

using service::Caller;

/// The settings of the API and of the use cases below it.
struct ApiOptions : service::ServiceOptions {
  Milliseconds link_ttl{3'600'000};  ///< of a signed link to a recording
  std::string public_url;            ///< what links start with; empty: the request's Host
  bool open_without_key = false;     ///< a caller without a key is the local owner, all scopes
  bool metrics_without_key = false;
  int max_requests_per_key = 12'000;           ///< at once, event streams included; above it 429
  std::vector<std::string> cors_origins = {};  ///< origins whose pages may call; "*": any
};

/// Everything that the handlers stand on. All of it is thread-safe and outlives the server. Use
/// cases block: handlers call them through offload(pool, …). What writes recordings goes through
/// offload(upload_pool, …), so that a slow disk delays no other request.
struct Service {
  service::Services& services;
  EventHub& events;
  const models::Library& library;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  http::BlockingPool& pool;
  http::BlockingPool& upload_pool;  ///< for writes of recordings
  ApiOptions options;
  std::function<void(Metrics&)> measure_workers = {};  ///< may throw StoreError
};

/// The caller of a request that the authentication middleware has let through.
const Caller& caller_of(http::Request& request);
/// The same for the audit log.
service::Actor actor_of(http::Request& request);

/// Adds the middlewares (errors, authentication by the route's tag: "submit", "read", "admin",
/// "metrics" or "" for open ones) and all routes of the API. `service` outlives the router.
void add_api(http::Router& router, Service& service);

}  // namespace steno::api
