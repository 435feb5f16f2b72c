#pragma once

#include "api/core/describe.h"
#include "api/service.h"

// The routes of the API, one function for each resource, in the file NAME_routes.cc. Each function
// stores a reference to `service`, which outlives the router. add_api() calls all of them.

namespace steno::api {

/// POST /api/v1/transcribe and /api/v1/transcribe/upload.
void add_submit_routes(Routes& routes, Service& service);
/// /api/v1/uploads: the tus protocol.
void add_upload_routes(Routes& routes, Service& service);
/// GET /api/v1/batches/{batch_id}.
void add_batch_routes(Routes& routes, Service& service);

/// /api/v1/jobs: list, status, cancel and purge.
void add_job_routes(Routes& routes, Service& service);
/// GET /api/v1/jobs/{job_id}/events.
void add_event_routes(Routes& routes, Service& service);
/// GET /api/v1/jobs/{job_id}/result and /audio.
void add_result_routes(Routes& routes, Service& service);
/// /api/v1/dead-letters.
void add_dead_letter_routes(Routes& routes, Service& service);
/// /api/v1/keys.
void add_key_routes(Routes& routes, Service& service);
/// GET /api/v1/usage.
void add_usage_routes(Routes& routes, Service& service);
/// GET /api/v1/audit.
void add_audit_route(Routes& routes, Service& service);
/// GET /api/v1/models.
void add_model_routes(Routes& routes, Service& service);
/// GET /health, /health/live, /health/ready and /metrics.
void add_health_routes(Routes& routes, Service& service);
/// GET / and /docs.
void add_page_routes(Routes& routes, Service& service);

}  // namespace steno::api
