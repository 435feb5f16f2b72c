#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace steno::http {

/// Header fields in their order; names are compared without regard to case. Not thread-safe.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  /// Adds a field beside those of the same name. A control character in name or value is a bug of
  /// the caller and throws std::invalid_argument: it would start a header of somebody's choice.
  void add(std::string_view name, std::string_view value);

  /// As add(), in place of all fields of that name.
  void set(std::string_view name, std::string_view value);

  void remove(std::string_view name);

  /// The first value of that name.
  std::optional<std::string_view> get(std::string_view name) const;

  bool has(std::string_view name) const { return get(name).has_value(); }

  /// All values of that name, joined by ", ", as RFC 9110 5.3 reads a list; "" if there is none.
  std::string joined(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace steno::http
