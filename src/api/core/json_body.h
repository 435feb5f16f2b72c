#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/complaints.h"
#include "base/clock.h"
#include "http/request.h"

namespace steno::api {

/// Takes the fields of a small JSON object one by one and notes what is wrong with each; finish()
/// then refuses the request with all of it, unknown fields included. A field that is null counts as
/// not given. Not thread-safe.
class BodyReader {
 public:
  /// Throws ProblemError (400 `invalid_json`) for what is no JSON object.
  explicit BodyReader(std::string_view body);

  /// 1 to `longest` characters, none of them a control character.
  std::optional<std::string> text(std::string_view name, std::size_t longest);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<Time> time(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);

  /// Notes what is wrong with a field that the caller has checked further.
  void complain(std::string_view code, std::string_view name, std::string_view message);

  /// Throws ProblemError (422) when anything was wrong.
  void finish();

 private:
  const nlohmann::json* take(std::string_view name);

  nlohmann::json fields_;
  std::vector<std::string> taken_;
  Complaints complaints_;
};

/// The whole body of a request as one; an empty body is an empty object. Throws ProblemError.
http::Task<BodyReader> read_small_body(http::Request& request);

}  // namespace steno::api
