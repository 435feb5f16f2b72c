#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "api/core/errors.h"
#include "api/service.h"
#include "http/http.h"

// Helpers for the answers of several routes.

namespace steno::api {

/// Makes a function the handler of a route; `service` outlives the router.
http::Handler handle_with(Service& service,
                          http::Task<void> (*function)(Service&, http::Request&, http::Responder&));

/// `value` on one line, for this client alone: caches must revalidate it. Bytes that are not UTF-8
/// are replaced.
http::Response json_answer(int status, const nlohmann::ordered_json& value);

/// The same for an answer with a secret: no cache may store it.
http::Response secret_answer(int status, const nlohmann::ordered_json& value);

/// A strong entity tag made of the text's hash.
std::string etag_of(std::string_view text);

/// The start of absolute links, without "/" at the end: the configured address, else the Host of
/// the request; "" if it has none.
std::string base_url(const http::Request& request, const ApiOptions& options);

/// service::conflict() to throw.
RequestError conflict(std::string_view code, std::string_view detail);

/// service::gone() to throw.
RequestError gone(std::string_view thing, service::Absence absence);

/// The caller's job with this id. Throws RequestError: `not_found`, also for a job of another
/// owner. Blocks.
Job find_own_job(Service& service, const Caller& caller, std::string_view job_id);

/// find_own_job() for the request's `{job_id}`, on the pool.
http::Task<Job> own_job(Service& service, http::Request& request);

}  // namespace steno::api
