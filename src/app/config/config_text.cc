#include "app/config/config_text.h"

#include <nlohmann/json.hpp>

namespace steno::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHidden = "********";

constexpr const char* kIntroduction = R"(# Configuration

<!-- Written by `steno config show --format markdown`; a test compares. -->

`steno serve`, `steno worker` and `steno keys` read their settings from these sources. Later sources override earlier ones:

1. the defaults below;
2. a TOML file: `--config FILE`, or `$STENO_CONFIG`, or none;
3. the environment: `STENO_SERVER_LISTEN` sets `server.listen`, and so on. Lists have commas. An empty variable counts as unset;
4. flags: `--data-dir`, `--listen`, `--workers`, `--log-level`, and `--set KEY=VALUE` for every other setting.

```toml
data_dir = "/var/lib/steno"

[server]
listen = ["0.0.0.0:8080", "[::]:8080"]

[jobs]
retention_audio_s = 0
```

`steno config show` prints every setting with its value and source, as a file that gives the same settings. `--format json` is for programs.
`steno config check` prints `ok`, or all errors with exit status 2. An unknown setting or `STENO_*` variable is an error, and so is an invalid
value. Exceptions are `STENO_CACHE`, `STENO_MODELS`, `STENO_URL`, `STENO_API_KEY`, and the variables that Kubernetes sets for a Service called steno.
)";

Json as_json(ConfigKind kind, const ConfigValue& value) {
  if (const auto* yes = std::get_if<bool>(&value)) return *yes;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) {
    return Json::parse(config_number(*number));
  }
  Json list = Json::array();
  for (const std::string& item : std::get<std::vector<std::string>>(value)) {
    list.push_back(kind == ConfigKind::numbers ? Json::parse(item) : Json(item));
  }
  return list;
}

bool is_hidden(const ConfigKey& row, const ConfigValue& value) {
  return row.secrecy == Secrecy::secret && !config_text(value).empty();
}

Json shown_json(const ConfigKey& row, const Settings& settings) {
  const ConfigValue value = row.get(settings);
  return is_hidden(row, value) ? Json(kHidden) : as_json(row.kind, value);
}

std::string dumped(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string group_of(const std::string& name) {
  const size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

// An unescaped bar would end a cell of the table.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string documented_default(const ConfigKey& row) {
  return row.usual.empty() ? "`" + shown_value(row, Settings()) + "`" : row.usual;
}

}  // namespace

std::string shown_value(const ConfigKey& row, const Settings& settings) {
  return dumped(shown_json(row, settings));  // JSON's text, numbers and lists are valid TOML
}

std::string config_as_text(const Config& config) {
  std::string text;
  for (const ConfigEntry& entry : config.entries) {
    const ConfigKey& row = *find_config_key(entry.name);
    // A line with asterisks must not become a setting.
    if (is_hidden(row, row.get(config.settings))) text += "# ";
    text += entry.name + " = " + shown_value(row, config.settings) + "  # " + entry.origin + "\n";
  }
  return text;
}

std::string config_as_json(const Config& config) {
  Json all = Json::object();
  for (const ConfigEntry& entry : config.entries) {
    all[entry.name] = {{"value", shown_json(*find_config_key(entry.name), config.settings)},
                       {"origin", entry.origin}};
  }
  return dumped(all, 2) + "\n";
}

std::string config_documentation() {
  std::string text = kIntroduction;
  std::string group = "none yet";
  for (const ConfigKey& row : config_table()) {
    if (group_of(row.name) != group) {
      group = group_of(row.name);
      text += "\n## " + (group.empty() ? "General" : "`[" + group + "]`") +
              "\n\n| Setting | Default | Allowed | Meaning |\n|---|---|---|---|\n";
    }
    text += "| `" + row.name + "`<br>`" + row.variable() + "` | " + cell(documented_default(row)) +
            " | " + cell(row.allowed) + " | " + cell(row.help) + " |\n";
  }
  return text;
}

}  // namespace steno::app
