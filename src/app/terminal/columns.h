#pragma once

#include <string>
#include <vector>

namespace steno::app {

/// Formats rows of text as columns of equal width. The last column is not padded.
std::string as_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace steno::app
