#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace steno::app {

/// Formats help with option names in one column and wrapped descriptions in another.
std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace steno::app
