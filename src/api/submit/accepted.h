#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "api/core/describe.h"
#include "api/service.h"

// The answer 202 of everything that makes jobs.

namespace steno::api {

/// The entry of one new job in the answer: `{job_id, status, created_at, message}`.
nlohmann::json accepted_job(const Job& job, std::string_view message);

/// 202 with the place of the new job or batch; `Idempotency-Replayed` for a repeated submission.
http::Response accepted_answer(const nlohmann::json& body, const std::string& location,
                               bool replayed);

/// The description of such an answer. `location` describes the header of that name.
AnswerDescription accepted_description(std::string description, std::string location,
                                       nlohmann::json schema, nlohmann::json example);

/// Checks for a submission whether there is room, before its body is read.
http::Task<void> check_admission(Service& service, http::Request& request,
                                 const std::optional<std::string>& key);

}  // namespace steno::api
