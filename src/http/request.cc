#include "http/request.h"

#include <algorithm>
#include <stdexcept>

#include "http/problem.h"

namespace steno::http {

const std::string& Request::parameter(std::string_view name) const {
  for (const auto& [own, value] : parameters_) {
    if (own == name) return value;
  }
  throw std::out_of_range("the route has no parameter " + std::string(name));
}

Task<std::string> Request::read_all(std::size_t limit) {
  body_.limit(limit);
  std::string whole;
  if (head_.length) whole.reserve(std::min<std::uint64_t>(*head_.length, limit));
  while (true) {
    const std::string_view piece = co_await body_.next();
    if (piece.empty()) co_return whole;
    whole += piece;
  }
}

}  // namespace steno::http
