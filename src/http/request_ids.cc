#include "http/request_ids.h"

#include <algorithm>
#include <iomanip>
#include <random>
#include <sstream>

#include "http/characters.h"

namespace steno::http {
namespace {

constexpr std::size_t kMostCharacters = 128;

}  // namespace

RequestIds::RequestIds() {
  std::random_device random;
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(8) << random() << std::setw(8) << random();
  prefix_ = text.str();
}

std::string RequestIds::for_request(const Headers& headers) {
  const auto sent = headers.get("X-Request-Id");
  const bool sane = sent && !sent->empty() && sent->size() <= kMostCharacters &&
                    std::ranges::all_of(*sent, is_visible);
  return sane ? std::string(*sent) : next();
}

std::string RequestIds::next() { return prefix_ + '-' + std::to_string(++count_); }

}  // namespace steno::http
