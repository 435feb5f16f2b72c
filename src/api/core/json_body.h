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

/// Reads the fields of a small JSON object one by one and collects the errors.
/// finish() then refuses the request with all of them, unknown fields included. A field that is
/// null counts as not given. Not thread-safe.
class BodyReader {
 public:
  /// Throws RequestError (`malformed` with `invalid_json`) unless `body` is a JSON object.
  explicit BodyReader(std::string_view body);

  /// 1 to `longest` characters, none of them a control character.
  std::optional<std::string> text(std::string_view name, std::size_t longest);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<Time> time(std::string_view name);
  std::optional<std::vector<std::string>> texts(std::string_view name);

  /// Adds an error of a field that the caller has checked further.
  void complain(std::string_view code, std::string_view name, std::string_view message);
  /// Adds the errors of a use case, but for fields that have one already.
  void complain(const std::vector<service::FieldError>& errors);

  /// Throws RequestError if anything was wrong.
  void finish();

 private:
  const nlohmann::json* take(std::string_view name);

  nlohmann::json fields_;
  std::vector<std::string> taken_;
  Complaints complaints_;
};

/// Whether `value` is an integer as JSON Schema defines it: 3600.0 is one too.
bool is_whole(const nlohmann::json& value);

/// Reads the whole body of a request; an empty body is an empty object. Throws RequestError.
http::Task<BodyReader> read_small_body(http::Request& request);

}  // namespace steno::api
