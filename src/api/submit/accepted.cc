#include "api/submit/accepted.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "api/core/errors.h"

namespace steno::api {

nlohmann::json accepted_job(const Job& job, std::string_view message) {
  return {{"job_id", job.id},
          {"status", to_string(State::pending)},
          {"created_at", to_iso8601(job.created_at)},
          {"message", message}};
}

http::Response accepted_answer(const nlohmann::json& body, const std::string& location,
                               bool replayed) {
  http::Response response = http::Response::json(202, body).with("Location", location);
  if (replayed) response.headers.set("Idempotency-Replayed", "true");
  return response;
}

AnswerDescription accepted_description(std::string description, std::string location,
                                       nlohmann::json schema, nlohmann::json example) {
  AnswerDescription answer;
  answer.status = 202;
  answer.description = std::move(description);
  answer.contents = {{"application/json", std::move(schema), std::move(example)}};
  answer.headers = {{"Location", Parameter::In::header, std::move(location)},
                    {"Idempotency-Replayed", Parameter::In::header,
                     "true if the same submission was accepted before"}};
  return answer;
}

http::Task<void> check_admission(Service& service, http::Request& request,
                                 const std::optional<std::string>& key) {
  const service::Announced announced{caller_of(request).owner, key,
                                     request.head().length.value_or(0)};
  auto check = [&service, &announced] { return service.services.admission.check(announced); };
  value_of(co_await http::offload(service.pool, check));
}

}  // namespace steno::api
