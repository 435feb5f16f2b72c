#include "app/terminal/help_formatter.h"

#include <CLI/CLI.hpp>
#include <string>

namespace steno::app {
namespace {

constexpr size_t kNameColumns = 34;
constexpr size_t kTextColumns = 64;

// Wraps `text` to kTextColumns. Lines after the first are indented to the text column.
std::string wrapped(std::string_view text) {
  std::string lines;
  while (text.size() > kTextColumns) {
    size_t end = text.rfind(' ', kTextColumns);
    if (end == std::string_view::npos || end == 0) break;
    lines += std::string(text.substr(0, end)) + "\n" + std::string(kNameColumns, ' ');
    text.remove_prefix(end + 1);
  }
  return lines + std::string(text);
}

std::string row(const std::string& name, const std::string& text) {
  std::string line = "  " + name;
  if (text.empty()) return line + "\n";
  if (line.size() + 2 > kNameColumns) {
    line += "\n" + std::string(kNameColumns, ' ');
  } else {
    line.resize(kNameColumns, ' ');
  }
  return line + wrapped(text) + "\n";
}

class HelpFormatter : public CLI::Formatter {
 public:
  // A flag that can be negated is displayed as --[no-]name.
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    if (is_positional) return row(option->get_name(true), option->get_description());
    const auto& names = option->get_lnames();
    std::string name;
    for (const std::string& letter : option->get_snames()) name += "-" + letter + ", ";
    const bool negatable = names.size() == 2 && names[1] == "no-" + names[0];
    name += negatable ? "--[no-]" + names[0] : "--" + names[0];
    if (option->get_items_expected_max() > 0) name += " " + option->get_type_name();
    return row(name, option->get_description());
  }

  std::string make_subcommand(const CLI::App* command) const override {
    return row(command->get_name(), command->get_description());
  }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter() { return std::make_shared<HelpFormatter>(); }

}  // namespace steno::app
