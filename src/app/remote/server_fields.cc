#include "app/remote/server_fields.h"

#include <algorithm>
#include <filesystem>

#include "options/option_name.h"
#include "options/option_table.h"

namespace steno::app {
namespace {

bool is_given(const std::vector<std::string>& given, std::string_view name) {
  return std::ranges::find(given, dashed_name(name)) != given.end();
}

// Whether the model is a folder on this machine, as opposed to owner/repo.
bool is_folder(const std::string& model) {
  for (const char* start : {"/", "./", "../", "~"}) {
    if (model.starts_with(start)) return true;
  }
  std::error_code ignored;
  return model.find('/') != std::string::npos && std::filesystem::is_directory(model, ignored);
}

// Whether the output contains times. These differ if words have times.
bool shows_times(const TranscribeSettings& settings) {
  const auto has_times = [](Format format) { return format != Format::txt; };
  return settings.timestamps || std::ranges::any_of(settings.formats, has_times);
}

}  // namespace

Result<void> check_for_service(const TranscribeSettings& settings) {
  for (const auto& row : device_option_table()) {
    if (!is_given(settings.given, row.name)) continue;
    return fail(Errc::invalid_argument,
                "--" + dashed_name(row.name) +
                    " is not for --server: the service decides where its models run");
  }
  if (is_folder(settings.model)) {
    return fail(Errc::invalid_argument,
                "--model must be the name of a model of the service with "
                "--server, not the folder " +
                    settings.model);
  }
  return {};
}

client::Fields submission_fields(const TranscribeSettings& settings) {
  client::Fields fields;
  if (is_given(settings.given, "model")) fields.emplace_back("model", settings.model);
  const TranscribeOptions wanted = decoding_options(settings);
  const TranscribeOptions defaults;
  for (const auto& row : transcribe_option_table()) {
    const OptionValue value = row.get(wanted);
    // The service adds word times by default; a rerun needs them.
    const bool is_default = row.name == "word_timestamps"
                                ? !wanted.word_timestamps && !shows_times(settings)
                                : value == row.get(defaults);
    if (is_default) continue;
    fields.emplace_back(row.name, option_text(value));
  }
  return fields;
}

client::Fields rerun_fields(const TranscribeOptions& options,
                            const std::vector<std::string>& given) {
  client::Fields fields;
  for (const auto& row : transcribe_option_table()) {
    const bool is_here = is_given(given, row.name) ||
                         (row.type == OptionType::rules && is_given(given, "replace_file")) ||
                         (row.type == OptionType::speakers && is_given(given, "known_speaker"));
    if (!is_here) continue;
    const std::string text = option_text(row.get(options));
    fields.emplace_back(row.name, text.empty() && row.nullable ? "none" : text);
  }
  return fields;
}

}  // namespace steno::app
