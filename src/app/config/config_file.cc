#include "app/config/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace steno::app {
namespace {

std::optional<std::string> item_text(const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  return std::nullopt;
}

std::optional<ConfigValue> value_of(const toml::node& node) {
  if (const auto yes = node.value_exact<bool>()) return *yes;
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (node.is_number()) return *node.value<double>();
  const toml::array* const array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::string> list;
  for (const toml::node& item : *array) {
    const auto text = item_text(item);
    if (!text) return std::nullopt;
    list.push_back(*text);
  }
  return list;
}

std::string shown(const toml::node& node) {
  std::ostringstream text;
  node.visit([&](const auto& typed) { text << typed; });
  return text.str();
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<FileValue>& values) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const toml::table* const inner = node.as_table();
    if (inner != nullptr && !inner->empty()) {
      flatten(*inner, key + ".", values);
      continue;
    }
    values.push_back(
        {key, static_cast<int>(name.source().begin.line), value_of(node), shown(node)});
  }
}

}  // namespace

Result<std::vector<FileValue>> read_config_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return fail(Errc::io, path + " is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    const int error = errno;
    return fail(error == ENOENT ? Errc::not_found : Errc::io, path + ": " + std::strerror(error));
  }
  std::vector<FileValue> values;
  try {
    flatten(toml::parse(text, path), "", values);
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid_argument, path + ":" + std::to_string(error.source().begin.line) +
                                            ": " + std::string(error.description()));
  }
  std::ranges::stable_sort(values, {}, &FileValue::line);
  return values;
}

}  // namespace steno::app
