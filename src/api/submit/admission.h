#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/core/describe.h"
#include "api/service.h"

namespace steno::api {

/// What is known of a submission before its body has come.
struct Announced {
  std::string owner;
  std::optional<std::string> idempotency_key;
  std::uint64_t body_bytes = 0;  ///< 0 if unknown
};

/// The request's Idempotency-Key, if there is one; throws ProblemError (400
/// `invalid_idempotency_key`) for what cannot be one.
std::optional<std::string> idempotency_key(const http::Request& request);

/// The header as the API's document describes it.
Parameter idempotency_parameter();

/// Refuses what has no room before its body is read, so that nobody sends a recording in vain. A
/// submission that was taken before under its key finds room in a full queue. Blocks. Problems: 429
/// `queue_full`, `owner_queue_full`, 503 and 507 of the store.
tl::expected<void, http::Problem> check_admission(Service& service, const Announced& announced);

/// Why there is no new job: 429 `queue_full` or `owner_queue_full` with Retry-After, 422
/// `idempotency_key_reused`; nothing for the outcomes that are good.
std::optional<http::Problem> refusal_of(Creation::Outcome outcome);

}  // namespace steno::api
