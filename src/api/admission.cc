#include "api/admission.h"

#include "api/errors.h"
#include "api/recording.h"

namespace steno::api {

tl::expected<void, http::Problem> check_admission(Service& service, const Announced& announced) {
  const auto full = service.lifecycle.refusal(announced.owner, announced.idempotency_key);
  if (full) return tl::unexpected(queue_problem(*full));
  const auto room = check_room(service, announced.body_bytes);
  if (!room) return tl::unexpected(problem_of_storage(room.error()));
  return {};
}

http::Problem queue_problem(Creation::Outcome outcome) {
  if (outcome == Creation::Outcome::owner_queue_full) {
    return too_many("owner_queue_full", "Too many of your jobs are waiting; try again later", "10");
  }
  return too_many("queue_full", "Too many jobs are waiting; try again later", "10");
}

}  // namespace steno::api
