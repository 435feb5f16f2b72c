#include "api/submit/admission.h"

#include <algorithm>

#include "api/core/errors.h"
#include "api/submit/recording.h"
#include "api/submit/submission.h"

namespace steno::api {
namespace {

constexpr size_t kLongestKey = 255;

}  // namespace

std::optional<std::string> idempotency_key(const http::Request& request) {
  const auto header = request.header("Idempotency-Key");
  if (!header) return std::nullopt;
  const bool visible = std::ranges::all_of(*header, [](char c) { return c > 0x20 && c < 0x7F; });
  if (header->empty() || header->size() > kLongestKey || !visible) {
    throw http::ProblemError({400,
                              "invalid_idempotency_key",
                              "Idempotency-Key must be 1 to 255 visible ASCII characters",
                              {{"Idempotency-Key", "1 to 255 visible ASCII characters"}}});
  }
  return std::string(*header);
}

Parameter idempotency_parameter() {
  Parameter key;
  key.name = "Idempotency-Key";
  key.in = Parameter::In::header;
  key.description = "Your own name for this submission, so that it can be sent twice";
  key.schema = {{"type", "string"}, {"pattern", "^[!-~]{1,255}$"}};
  return key;
}

tl::expected<void, http::Problem> check_admission(Service& service, const Announced& announced) {
  const auto full = service.lifecycle.refusal(announced.owner, announced.idempotency_key);
  if (full) return tl::unexpected(refusal_of(*full).value());
  const auto room = check_room(service, announced.body_bytes);
  if (!room) return tl::unexpected(problem_of_storage(room.error()));
  return {};
}

std::optional<http::Problem> refusal_of(Creation::Outcome outcome) {
  switch (outcome) {
    case Creation::Outcome::queue_full:
      return too_many("queue_full", "Too many jobs are waiting; try again later", "10");
    case Creation::Outcome::owner_queue_full:
      return too_many("owner_queue_full", "Too many of your jobs are waiting; try again later",
                      "10");
    case Creation::Outcome::other_content:
      return field_problem("idempotency_key_reused", "Idempotency-Key",
                           "the key was used for another submission");
    case Creation::Outcome::created:
    case Creation::Outcome::repeated:
    case Creation::Outcome::upload_gone:  // see why_upload_is_unusable()
      break;
  }
  return std::nullopt;
}

}  // namespace steno::api
