// Any words as a command line, and any text as any option's value, must give a valid value or an
// error that describes valid values. Must not crash.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "options/option_table.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

template <class Owner>
void try_value(const std::vector<steno::Option<Owner>>& table, std::uint8_t which,
               const std::string& text) {
  const auto& row = table[which % table.size()];
  Owner options;
  const auto set = steno::set_option_text(options, row.name, text);
  if (!set) {
    require(set.error().message.find(row.name) != std::string::npos);
    require(row.get(options) == row.get(Owner()));
    return;
  }
  // An accepted value is in range and can be formatted and parsed again.
  const auto value = row.get(options);
  require(row.checked(value).has_value());
  require(steno::set_option(options, row.name, value).has_value());
  require(row.get(options) == value);
  const auto valid = steno::validate(options);
  require(valid || !valid.error().message.empty());
}

void try_command_line(const std::string& bytes) {
  std::vector<std::string> words = {"transcribe"};
  for (std::size_t start = 0; start <= bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', start), bytes.size());
    words.push_back(bytes.substr(start, end - start).c_str());
    start = end + 1;
  }
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  const auto line = steno::app::read_command_line(arguments);
  if (line.command == steno::app::CommandLine::Command::none) {
    require((line.status == 0 || line.status == 2) && !line.text.empty());
  } else {
    require(steno::app::check(line.transcribe).has_value());
    require(!line.transcribe.inputs.empty() && !line.transcribe.formats.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 3) {
    case 0:
      try_value(steno::transcribe_option_table(), data[1], rest);
      break;
    case 1:
      try_value(steno::device_option_table(), data[1], rest);
      break;
    default:
      try_command_line(rest);
  }
  return 0;
}
