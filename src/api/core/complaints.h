#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/problem.h"

namespace steno::api {

/// What is wrong in one request, gathered so that a client is told all of it at once. Not
/// thread-safe.
class Complaints {
 public:
  /// `code` is stable: "wrong_type", "out_of_range", "not_a_choice", "unknown_field", …; `path` is
  /// a JSON path, a query key or a header's name; `message` says what would be right.
  void add(std::string_view code, std::string_view path, std::string_view message);

  /// Throws ProblemError when there are any: 422 with the code of the first and the list of all.
  void raise() const;

 private:
  std::string first_code_;
  std::vector<http::FieldError> errors_;
};

}  // namespace steno::api
