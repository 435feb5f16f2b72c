#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/complaints.h"
#include "base/clock.h"
#include "http/query.h"

namespace steno::api {

/// Reads the parameters of a query one by one and collects the errors. finish() then
/// refuses the request with all of them, unknown and repeated parameters included. Not thread-safe.
class QueryReader {
 public:
  explicit QueryReader(const http::Query& query) : query_(query) {}

  /// 1 to `longest` characters.
  std::optional<std::string> text(std::string_view name, std::size_t longest = 256);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// "true" or "1", "false" or "0"; a name without a value is true.
  std::optional<bool> flag(std::string_view name);
  /// A moment as parse_iso8601() reads it.
  std::optional<Time> time(std::string_view name);
  /// A day, "2026-11-25".
  std::optional<std::string> day(std::string_view name);
  /// One of `choices`.
  std::optional<std::string> choice(std::string_view name,
                                    std::span<const std::string_view> choices);

  /// Adds an error of a parameter that the caller has checked further.
  void complain(std::string_view code, std::string_view name, std::string_view message) {
    complaints_.add(code, name, message);
  }

  /// Throws RequestError if anything was wrong.
  void finish();

 private:
  std::optional<std::string_view> take(std::string_view name);

  const http::Query& query_;
  std::vector<std::string> taken_;
  Complaints complaints_;
};

}  // namespace steno::api
