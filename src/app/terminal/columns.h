#pragma once

#include <string>
#include <vector>

namespace steno::app {

/// Rows of text as columns of equal width; the last one as long as it is.
std::string as_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace steno::app
