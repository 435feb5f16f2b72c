#pragma once

#include <vector>

#include "api/core/describe.h"
#include "api/core/query_reader.h"
#include "api/service.h"

namespace steno::api {

/// Reads `limit` and `cursor` alone; throws RequestError for anything else in the query.
service::PageRequest read_page_request(http::Request& request);

/// Descriptions of what read_page_request() reads.
std::vector<Parameter> page_parameters();

/// Answers with the page: `{jobs: […], next_cursor}`.
http::Task<void> send_page(Service& service, service::PageRequest wanted,
                           http::Responder& responder);

}  // namespace steno::api
