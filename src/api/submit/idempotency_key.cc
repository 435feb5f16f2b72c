#include "api/submit/idempotency_key.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/core/errors.h"

namespace steno::api {
namespace {

constexpr size_t kLongestKey = 255;

}  // namespace

std::optional<std::string> idempotency_key(const http::Request& request) {
  const auto header = request.header("Idempotency-Key");
  if (!header) return std::nullopt;
  const bool visible = std::ranges::all_of(*header, [](char c) { return c > 0x20 && c < 0x7F; });
  if (header->empty() || header->size() > kLongestKey || !visible) {
    throw RequestError({service::ErrorKind::malformed,
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

}  // namespace steno::api
