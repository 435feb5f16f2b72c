#include "app/config/config.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "app/config/config_file.h"
#include "app/config/config_rules.h"
#include "app/config/config_table.h"
#include "base/nearest.h"

namespace steno::app {
namespace {

// Variables of the project that are not settings.
constexpr std::array kOtherVariables = {"STENO_CONFIG", "STENO_CACHE",   "STENO_MODELS",
                                        "STENO_URL",    "STENO_API_KEY", "STENO_REQUIRE_ALL",
                                        "STENO_TIDY"};

// Kubernetes sets these for a Service whose name starts with "steno": STENO_PORT,
// STENO_API_SERVICE_HOST, STENO_PORT_8080_TCP_ADDR.
bool is_of_kubernetes(const std::string& variable) {
  static const re2::RE2 pattern(
      "STENO(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|"
      "PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)");
  return re2::RE2::FullMatch(variable, pattern);
}

std::string value_or_empty(const std::map<std::string, std::string>& environment,
                           const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::string unknown_key(const std::string& key) {
  std::vector<std::string> names;
  for (const ConfigKey& row : config_table()) {
    names.push_back(row.name);
    names.push_back(row.name.substr(0, row.name.find('.')));
  }
  return "no setting is called \"" + key + "\"" + did_you_mean(key, names);
}

bool is_group(const std::string& name) {
  return std::ranges::any_of(
      config_table(), [&](const ConfigKey& row) { return row.name.starts_with(name + "."); });
}

// Reads the sources in order. Later ones override earlier ones.
class Reader {
 public:
  Reader() {
    for (const ConfigKey& row : config_table()) config_.entries.push_back({row.name, "default"});
  }

  void take_default_folder(const std::map<std::string, std::string>& environment) {
    if (const auto data = value_or_empty(environment, "XDG_DATA_HOME"); !data.empty()) {
      config_.settings.data_dir = data + "/steno";
    } else if (const auto home = value_or_empty(environment, "HOME"); !home.empty()) {
      config_.settings.data_dir = home + "/.local/share/steno";
    }
  }

  void take_file(const std::string& path) {
    const auto values = read_config_file(path);
    if (!values) return config_.errors.push_back(values.error().message);
    for (const FileValue& value : *values) {
      take_file_value(value, path + ":" + std::to_string(value.line));
    }
  }

  // An empty variable counts as unset.
  void take_variables(const std::map<std::string, std::string>& environment) {
    std::vector<std::string> names(kOtherVariables.begin(), kOtherVariables.end());
    for (const ConfigKey& row : config_table()) {
      const std::string text = value_or_empty(environment, row.variable());
      if (!text.empty()) note(row, row.variable(), row.set_text(config_.settings, text));
      names.push_back(row.variable());
    }
    for (const auto& [name, text] : environment) {
      if (!name.starts_with("STENO_") || is_of_kubernetes(name)) continue;
      if (std::ranges::find(names, name) != names.end()) continue;
      config_.errors.push_back("no variable of Steno is called " + name +
                               did_you_mean(name, names));
    }
  }

  void take_flag(const ConfigFlag& flag) {
    const ConfigKey* const row = find_config_key(flag.key);
    if (row == nullptr) {
      config_.errors.push_back(flag.flag + ": " + unknown_key(flag.key));
    } else {
      note(*row, flag.flag, row->set_text(config_.settings, flag.text));
    }
  }

  Config finish() && {
    if (config_.settings.data_dir.empty()) {
      config_.errors.emplace_back("neither data_dir nor HOME says where the data is");
    }
    std::ranges::move(contradictions(config_.settings), std::back_inserter(config_.errors));
    return std::move(config_);
  }

 private:
  void take_file_value(const FileValue& value, const std::string& place) {
    const ConfigKey* const row = find_config_key(value.key);
    if (row != nullptr) {
      const auto good = value.value ? row->set(config_.settings, *value.value) : Result<void>();
      const bool is_good = value.value && good;
      note(*row, place,
           is_good ? Result<void>() : fail(Errc::invalid_argument, row->complaint(value.shown)));
    } else if (!is_group(value.key)) {
      config_.errors.push_back(place + ": " + unknown_key(value.key));
    } else if (value.value) {
      config_.errors.push_back(place + ": " + value.key + " is a group of settings, not one");
    }
  }

  void note(const ConfigKey& row, const std::string& origin, const Result<void>& outcome) {
    if (!outcome) return config_.errors.push_back(origin + ": " + outcome.error().message);
    const auto index = static_cast<size_t>(&row - config_table().data());
    config_.entries[index].origin = origin;
  }

  Config config_;
};

}  // namespace

Result<Settings> Config::checked() const {
  if (errors.empty()) return settings;
  std::string all;
  for (const std::string& error : errors) all += (all.empty() ? "" : "\n") + error;
  return fail(Errc::invalid_argument, all);
}

Config read_config(const ConfigFlags& flags,
                   const std::map<std::string, std::string>& environment) {
  Reader reader;
  reader.take_default_folder(environment);
  const std::string file = flags.file.value_or(value_or_empty(environment, "STENO_CONFIG"));
  if (flags.file || !file.empty()) reader.take_file(file);
  reader.take_variables(environment);
  for (const ConfigFlag& flag : flags.values) reader.take_flag(flag);
  return std::move(reader).finish();
}

}  // namespace steno::app
