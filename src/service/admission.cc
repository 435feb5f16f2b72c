#include "service/admission.h"

#include "blob/blob.h"
#include "blob/staging.h"
#include "jobs/lifecycle.h"
#include "store/store.h"

namespace steno::service {

Outcome<void> Admission::check(const Announced& announced) {
  const auto full = lifecycle_.refusal(announced.owner, announced.idempotency_key);
  if (full) return refuse(refusal_of(*full).value());
  const auto room = check_room(announced.body_bytes);
  if (!room) return refuse(storage_error(room.error()));
  return {};
}

Result<void> Admission::check_room(std::uint64_t bytes) {
  if (store_.administration().reserve() == DiskReserve::State::given_up) {
    return fail(Errc::no_space, "the disk of the database is full");
  }
  for (const auto& free : {blobs_.free_bytes(), staging_.free_bytes()}) {
    if (!free) return tl::unexpected(free.error());
    if (!*free) continue;
    if (**free < bytes || **free - bytes < options_.min_free_disk_bytes) {
      return fail(Errc::no_space, "less space is left than the configuration keeps free");
    }
  }
  return {};
}

std::optional<ServiceError> refusal_of(Creation::Status outcome) {
  constexpr int kRetryAfter = 10;
  switch (outcome) {
    case Creation::Status::queue_full:
      return too_many("queue_full", "Too many jobs are waiting; try again later", kRetryAfter);
    case Creation::Status::owner_queue_full:
      return too_many("owner_queue_full", "Too many of your jobs are waiting; try again later",
                      kRetryAfter);
    case Creation::Status::other_content:
      return invalid_field("idempotency_key_reused", "Idempotency-Key",
                           "the key was used for another submission");
    case Creation::Status::created:
    case Creation::Status::repeated:
    case Creation::Status::upload_gone:  // see Uploads::why_unusable()
      break;
  }
  return std::nullopt;
}

}  // namespace steno::service
