#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace steno::http {

/// Header fields in order. Names are compared case-insensitively. Not thread-safe.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  /// Adds a field and keeps those of the same name. Throws std::invalid_argument for a control
  /// character in name or value, because it could inject another header.
  void add(std::string_view name, std::string_view value);

  /// Sets a field and removes all others of that name.
  void set(std::string_view name, std::string_view value);

  void remove(std::string_view name);

  /// The first value of that name.
  std::optional<std::string_view> get(std::string_view name) const;

  bool has(std::string_view name) const { return get(name).has_value(); }

  /// All values of that name, joined by ", " as RFC 9110 5.3 defines a list; "" if there is none.
  std::string joined(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// Whether `a` and `b` are equal except for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace steno::http
