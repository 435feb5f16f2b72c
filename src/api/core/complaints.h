#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/error.h"

namespace steno::api {

/// Collects the errors of one request, so that the answer names all of them. Not thread-safe.
class Complaints {
 public:
  /// `code` is stable: "wrong_type", "out_of_range", "not_a_choice", "unknown_field", …; `path` is
  /// a JSON path, a query key or a header's name; `message` says what would be right.
  void add(std::string_view code, std::string_view path, std::string_view message);

  /// Whether something is wrong with `path` already.
  bool has(std::string_view path) const;

  /// Throws RequestError if there is any: `invalid` with the code of the first and the list of all.
  void raise() const;

 private:
  std::vector<service::FieldError> errors_;
};

}  // namespace steno::api
