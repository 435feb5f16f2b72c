#pragma once

#include <any>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "blob/blob.h"
#include "blob/staging.h"
#include "domain/api_key.h"
#include "http/http.h"
#include "http/offload.h"
#include "jobs/lifecycle.h"
#include "models/models.h"
#include "notify/notifier.h"
#include "store/store.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace steno::api {

class EventHub;

/// Who is calling.
struct Caller {
  std::string key_id;  ///< "anonymous" without a key, where the configuration allows that
  std::string owner;
  Scopes scopes = 0;

  bool may(Scope scope) const { return (scopes & static_cast<Scopes>(scope)) != 0; }
};

/// What the configuration says about the API.
struct ApiOptions {
  std::uint64_t max_upload_bytes = std::uint64_t{4} << 30;  ///< one recording
  std::uint64_t min_free_disk_bytes = 0;                    ///< below it submissions get 507
  std::string default_model = "base";
  int max_attempts = 3;
  Milliseconds time_limit{0};
  Milliseconds queue_ttl{0};
  Milliseconds link_ttl{3'600'000};
  Milliseconds upload_ttl{86'400'000};       ///< for its bytes, and again until a job takes it
  Milliseconds idempotency_ttl{86'400'000};  ///< how long a used upload leads to its job
  std::string public_url;                    ///< what links start with; empty: the request's Host
  bool open_without_key = false;  ///< every caller without a key is the local owner, all scopes
  bool metrics_without_key = false;
  int max_uploads_per_key = 1'000;    ///< of an owner, begun and no job's yet; beyond it 429
  int max_requests_per_key = 12'000;  ///< at once, event streams too; beyond it 429
  std::vector<std::string> cors_origins = {};  ///< whose pages may call; "*": any
};

/// Something else that must be well for the service to be ready: a name, and a look at it that
/// blocks no longer than a moment and is thread-safe. The error's message is shown to anybody.
struct FurtherCheck {
  std::string name;
  std::function<Result<void>()> check;
};

/// Everything that the handlers stand on. All of it is thread-safe and outlives the server; store,
/// queue, blobs and lifecycle block: handlers reach them through offload(pool, …); what writes
/// recordings through offload(upload_pool, …), so that a slow disk holds up no other request.
struct Service {
  Store& store;
  Lifecycle& lifecycle;
  Queue& queue;
  blob::BlobStore& blobs;
  blob::UploadStaging& staging;  ///< uploads that are not complete
  EventHub& events;
  const models::Library& library;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  http::BlockingPool& pool;
  http::BlockingPool& upload_pool;  ///< for what waits for recordings to be on disk
  ApiOptions options;
  std::vector<FurtherCheck> further_checks = {};       ///< that workers live, …
  std::function<void(Metrics&)> measure_workers = {};  ///< may throw StoreError
};

/// The caller of a request that the authentication middleware has let through.
const Caller& caller_of(http::Request& request);

/// Middlewares (errors of store and blobs as problems, authentication by the route's tag: "submit",
/// "read", "admin", "metrics" or "" for open ones) and all routes of the API. `service` outlives
/// the router.
void add_api(http::Router& router, Service& service);

}  // namespace steno::api
