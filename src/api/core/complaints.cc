#include "api/core/complaints.h"

namespace steno::api {

void Complaints::add(std::string_view code, std::string_view path, std::string_view message) {
  if (errors_.empty()) first_code_ = code;
  errors_.push_back({std::string(path), std::string(message)});
}

void Complaints::raise() const {
  if (errors_.empty()) return;
  const auto& first = errors_.front();
  std::string detail = first.path + " " + first.message;
  if (errors_.size() > 1) {
    detail += " (and " + std::to_string(errors_.size() - 1) + " more: see errors)";
  }
  throw http::ProblemError({422, first_code_, std::move(detail), errors_});
}

}  // namespace steno::api
