#include <string>
#include <utility>
#include <vector>

#include "api/access/audio_links.h"
#include "api/access/auth.h"
#include "api/access/request_limit.h"
#include "api/core/describe.h"
#include "api/core/errors.h"
#include "api/core/openapi.h"
#include "api/core/routes.h"

namespace steno::api {

namespace {

/// The permissions that pages of other origins need for the whole API, resumable uploads too.
http::CorsOptions cors_options(std::vector<std::string> origins) {
  http::CorsOptions options;
  options.origins = std::move(origins);
  options.methods = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"};
  options.request_headers = {"Authorization",   "X-API-Key",     "Content-Type",  "X-Request-Id",
                             "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Range",
                             "Tus-Resumable",   "Upload-Length", "Upload-Offset", "Upload-Metadata",
                             "Upload-Checksum"};
  options.exposed_headers = {"X-Request-Id",   "Location",
                             "ETag",           "Retry-After",
                             "Content-Range",  "Idempotency-Replayed",
                             "Upload-Offset",  "Upload-Length",
                             "Upload-Expires", "Tus-Resumable",
                             "Tus-Version",    "Tus-Extension",
                             "Tus-Max-Size",   "Tus-Checksum-Algorithm"};
  return options;
}

}  // namespace

void add_api(http::Router& router, Service& service) {
  if (!service.options.cors_origins.empty()) {
    router.use(http::cors(cors_options(service.options.cors_origins)));
  }
  router.use(error_answers(service.log, {{"/", problem_answer}}));
  router.use(signed_links(service));
  router.use(authentication(service));
  router.use(request_limit(service.options));
  Routes routes(router);
  add_submit_routes(routes, service);
  add_upload_routes(routes, service);
  add_batch_routes(routes, service);
  add_job_routes(routes, service);
  add_event_routes(routes, service);
  add_result_routes(routes, service);
  add_dead_letter_routes(routes, service);
  add_key_routes(routes, service);
  add_usage_routes(routes, service);
  add_audit_route(routes, service);
  add_model_routes(routes, service);
  add_health_routes(routes, service);
  add_page_routes(routes, service);
  add_openapi_route(routes, service.options.public_url);  // the last: it knows the others
}

}  // namespace steno::api
