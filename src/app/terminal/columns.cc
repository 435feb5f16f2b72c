#include "app/terminal/columns.h"

#include <algorithm>

namespace steno::app {

std::string as_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    text += " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t gap = i + 1 < row.size() ? widths[i] - row[i].size() + 1 : 0;
      text += " " + row[i] + std::string(gap, ' ');
    }
    text += "\n";
  }
  return text;
}

}  // namespace steno::app
