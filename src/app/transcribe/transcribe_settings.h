#pragma once

#include <string>
#include <vector>

#include "app/remote/server_choice.h"
#include "base/result.h"
#include "options/options.h"
#include "transcript/writers.h"

namespace CLI {
class App;
}

namespace steno::app {

/// The parsed command line of `steno transcribe`.
struct TranscribeSettings {
  std::vector<std::string> inputs;  ///< paths, or "-" for standard input
  std::string model = "base";       ///< a name, a folder, or owner/repo
  std::vector<Format> formats = {Format::txt};
  std::string output_dir;   ///< empty: standard output
  bool stream = false;      ///< print segments as soon as they are available
  bool timestamps = false;  ///< add times to text
  bool quiet = false;
  bool verbose = false;
  SubtitleOptions subtitles;
  TranscribeOptions options;
  DeviceOptions device;
  bool by_service = false;         ///< transcribe on a service
  ServerChoice server;             ///< which service
  std::vector<std::string> given;  ///< long names of the options that were given
};

/// The settings' options, plus word times if subtitles need them.
TranscribeOptions decoding_options(const TranscribeSettings& settings);

/// The base name of an input's output files.
std::string output_name(const std::string& input);

/// Adds the options of `steno transcribe` to `command`. They fill `settings` during parsing. A
/// value out of range fails with the option's name and range. `settings` must outlive `command`.
void add_transcribe_options(CLI::App& command, TranscribeSettings& settings);

/// Adds the options of `steno diarize`, which are the ones that concern speakers.
void add_diarize_options(CLI::App& command, TranscribeSettings& settings);

/// Adds the options that apply after recognition. They fill `options`, which must outlive
/// `command`.
void add_options_after_recognition(CLI::App& command, TranscribeOptions& options);

/// Long names of the options that `command`, once parsed, was given.
std::vector<std::string> given_options(const CLI::App& command);

/// Long names of all options of `command` without a value.
std::vector<std::string> flags_of(const CLI::App& command);

/// Checks rules between options after parsing. Returns the message of the first violated rule.
Result<void> check(const TranscribeSettings& settings);
Result<void> check_diarize(const TranscribeSettings& settings);

}  // namespace steno::app
