#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "api/core/cursor.h"
#include "api/core/describe.h"
#include "api/core/query_reader.h"
#include "http/request.h"
#include "store/job_store.h"

namespace steno::api {

/// One page of a list of the caller's jobs.
struct PageRequest {
  JobQuery query;
  std::optional<Cursor> cursor;
};

/// Reads `limit` and `cursor` alone; throws ProblemError (422) for anything else in the query.
PageRequest read_page_request(http::Request& request);

/// Descriptions of what read_page_request() reads.
std::vector<Parameter> page_parameters();

/// `{jobs: […], next_cursor}`. Blocks.
nlohmann::ordered_json list_jobs(JobStore& jobs, PageRequest wanted);

}  // namespace steno::api
