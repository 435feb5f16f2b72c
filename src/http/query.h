#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace steno::http {

/// The decoded keys and values of a query, in order. Repeated keys are kept.
class Query {
 public:
  using Item = std::pair<std::string, std::string>;

  Query() = default;
  explicit Query(std::vector<Item> items) : items_(std::move(items)) {}

  /// The first value of that key; "" for a key without "=".
  std::optional<std::string_view> get(std::string_view key) const;
  std::vector<std::string_view> all(std::string_view key) const;

  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  std::vector<Item> items_;
};

/// Decodes "a=1&b=x%20y+z". Fails for "%" without two hexadecimal digits, for NUL, and for text
/// that is not UTF-8.
Result<Query> decode_query(std::string_view text);

/// The segments of "/a/b%2Fc", each decoded separately: {"a", "b/c"}. "/" has no segments; "/a/" is
/// {"a", ""}. Fails for a path without leading "/", and where decode_query() fails.
Result<std::vector<std::string>> decode_path(std::string_view path);

/// A request's target: origin form ("/path?query"), absolute form ("http://host/path?query"), or
/// "*".
struct Target {
  std::string authority;  ///< host[:port] of the absolute form, else ""
  std::string path;       ///< still encoded; "*" for the whole server
  std::string query;      ///< still encoded
};

/// Splits a target. Fails for every other form, for a fragment, and for bytes that are not visible
/// ASCII.
Result<Target> split_target(std::string_view target);

}  // namespace steno::http
