#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/http.h"
#include "store/store_error.h"
#include "telemetry/log.h"

namespace steno::api {

/// What a client is told when the database does not answer: 503 `database_busy` or
/// `database_unavailable` with Retry-After, 507 `insufficient_storage`.
http::Problem problem_of(const StoreError& error);

/// What a client is told when the blob store fails: 507 `insufficient_storage` for a full disk,
/// else 503 `storage_unavailable`. The error's own message has paths in it and is for the log.
http::Problem problem_of_storage(const Error& error);

/// 429 with Retry-After: there is too much of something, for now.
http::Problem too_many(std::string_view code, std::string_view detail, std::string_view seconds);

/// 404 `not_found`: also for what belongs to somebody else. `thing`: "job", "upload".
http::ProblemError not_found(std::string_view thing);

/// Turns a StoreError that a handler lets pass into its problem, and logs it.
http::Middleware database_errors(Log& log);

}  // namespace steno::api
