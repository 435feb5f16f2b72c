#include "api/core/complaints.h"

#include <algorithm>

#include "api/core/errors.h"

namespace steno::api {

void Complaints::add(std::string_view code, std::string_view path, std::string_view message) {
  errors_.push_back({std::string(path), std::string(message), std::string(code)});
}

bool Complaints::has(std::string_view path) const {
  return std::ranges::find(errors_, path, &service::FieldError::path) != errors_.end();
}

void Complaints::raise() const {
  if (!errors_.empty()) throw RequestError(service::invalid_fields(errors_));
}

}  // namespace steno::api
