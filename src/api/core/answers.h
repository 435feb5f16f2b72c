#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "api/service.h"
#include "http/http.h"

// What the answers of several routes have in common.

namespace steno::api {

/// A function as the handler of a route; `service` outlives the router.
http::Handler handle_with(Service& service,
                          http::Task<void> (*function)(Service&, http::Request&, http::Responder&));

/// `value` on one line, for this client alone: caches ask again before they use it. Bytes that are
/// not UTF-8 are replaced.
http::Response json_answer(int status, const nlohmann::ordered_json& value);

/// For the answer that holds a secret: no cache may keep it.
http::Response secret_answer(int status, const nlohmann::ordered_json& value);

/// A strong entity tag made of the text's hash.
std::string etag_of(std::string_view text);

/// What absolute links of the answer start with, without "/" at the end: the configured address,
/// else the one the client has used; "" when it has named none.
std::string base_url(const http::Request& request, const ApiOptions& options);

/// 409: the thing is in a state that does not allow this.
http::ProblemError conflict(std::string_view code, std::string_view detail);

/// 410 `gone`: it was there, but retention has removed it. `what`: "recording", "result".
http::ProblemError gone(std::string_view what);

/// The caller's job that the path names, read from the store: throws 404 for another owner's, too.
/// Blocks.
Job find_own_job(Service& service, const Caller& caller, std::string_view job_id);

/// find_own_job() for the request's `{job_id}`, on the pool.
http::Task<Job> own_job(Service& service, http::Request& request);

}  // namespace steno::api
