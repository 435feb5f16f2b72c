#pragma once

#include "api/core/describe.h"
#include "api/service.h"

// The parts of add_job_routes() and add_result_routes(), and what routes below a job share.

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

/// The answer to a change of a job: `{job_id, status, message}`.
nlohmann::ordered_json changed_answer(const Job& job, std::string_view message);

/// `{job_id}` of a path.
Parameter job_id_parameter();

/// A job for the examples of the document.
nlohmann::json example_summary();
nlohmann::json example_status();

}  // namespace steno::api
