#include "app/number_range.h"

#include <CLI/CLI.hpp>
#include <string>

namespace steno::app {

CLI::Validator number_between(double low, double high) {
  const CLI::Range range(low, high);
  return CLI::Validator(
      [low, high](std::string& text) -> std::string {
        double number = 0;
        if (CLI::detail::lexical_cast(text, number) && number >= low && number <= high) return "";
        return "must be a number from " + CLI::detail::to_string(low) + " to " +
               CLI::detail::to_string(high) + ", not " + text;
      },
      range.get_description());
}

}  // namespace steno::app
