#include "http/headers.h"

#include <algorithm>
#include <stdexcept>

#include "http/characters.h"

namespace steno::http {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

void Headers::add(std::string_view name, std::string_view value) {
  if (name.empty() || !std::ranges::all_of(name, is_token) ||
      !std::ranges::all_of(value, is_field_value)) {
    throw std::invalid_argument("not a header: " + std::string(name));
  }
  fields_.emplace_back(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& f) { return equal_ignoring_case(f.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [own, value] : fields_) {
    if (equal_ignoring_case(own, name)) return value;
  }
  return std::nullopt;
}

std::string Headers::joined(std::string_view name) const {
  std::string all;
  for (const auto& [own, value] : fields_) {
    if (!equal_ignoring_case(own, name)) continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

}  // namespace steno::http
