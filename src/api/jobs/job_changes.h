#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "api/service.h"

namespace steno::api {

/// The answer to a change of a job: `{job_id, status, message}`.
nlohmann::ordered_json changed_answer(const Job& job, std::string_view message);

/// Throws what a client is told when the lifecycle refused, after noting that in the audit log:
/// 404, 409 with `code`, 503 or 507. Blocks.
[[noreturn]] void refuse_change(Service& service, http::Request& request, std::string_view action,
                                std::string_view subject, const Error& error,
                                std::string_view code);

/// Sends the caller's failed job again: its own 404, 409 `not_failed`. Blocks.
Job send_again(Service& service, http::Request& request);

}  // namespace steno::api
