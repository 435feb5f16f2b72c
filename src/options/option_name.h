#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace steno {

/// An option's name on the command line: "beam-size" for the table's "beam_size".
inline std::string dashed_name(std::string_view name) {
  std::string dashed(name);
  std::ranges::replace(dashed, '_', '-');
  return dashed;
}

}  // namespace steno
