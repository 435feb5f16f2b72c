#pragma once

#include "api/core/describe.h"
#include "api/service.h"

// The pieces of add_job_routes() and add_result_routes(), and what routes below a job have in
// common.

namespace steno::api {

/// GET /api/v1/jobs.
void add_job_list_route(Routes& routes, Service& service);
/// GET /api/v1/jobs/{job_id}.
void add_job_status_route(Routes& routes, Service& service);
/// DELETE /api/v1/jobs/{job_id}, POST /api/v1/jobs/{job_id}/retry.
void add_job_change_routes(Routes& routes, Service& service);
/// POST /api/v1/jobs/{job_id}/rerun.
void add_rerun_route(Routes& routes, Service& service);
/// GET /api/v1/jobs/{job_id}/audio.
void add_audio_route(Routes& routes, Service& service);

/// The schemas "JobSummary", "Job", "JobList" and "JobChanged".
void define_job_schemas(Routes& routes);

/// `{job_id}` of a path.
Parameter job_id_parameter();

/// A job as examples show it.
nlohmann::json example_summary();
nlohmann::json example_status();

}  // namespace steno::api
