#include "base/position.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace steno {

std::string position_text(double seconds) {
  const auto tenths = static_cast<long long>(std::floor(std::max(0.0, seconds) * 10));
  const auto whole = tenths / 10;
  std::array<char, 48> text{};
  if (whole >= 3600) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld.%lld", whole / 3600,
                  whole / 60 % 60, whole % 60, tenths % 10);
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld.%lld", whole / 60, whole % 60,
                  tenths % 10);
  }
  return text.data();
}

}  // namespace steno
