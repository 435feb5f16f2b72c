#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace steno::app {

/// Help with the names of the options in one column and what they do, wrapped, in another.
std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace steno::app
