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

/// What the command line of `steno transcribe` asks for.
struct TranscribeSettings {
  std::vector<std::string> inputs;  ///< paths, or "-" for standard input
  std::string model = "base";       ///< a name, a folder, or owner/repo
  std::vector<Format> formats = {Format::txt};
  std::string output_dir;   ///< empty: standard output
  bool stream = false;      ///< print segments as soon as they are known
  bool timestamps = false;  ///< times in text
  bool quiet = false;
  bool verbose = false;
  SubtitleOptions subtitles;
  TranscribeOptions options;
  DeviceOptions device;
  bool by_service = false;         ///< not here
  ServerChoice server;             ///< which one
  std::vector<std::string> given;  ///< long names of the options on the command line
};

/// The settings' options, with times of words where subtitles need them.
TranscribeOptions decoding_options(const TranscribeSettings& settings);

/// NAME of the files that an input's transcript is written to.
std::string output_name(const std::string& input);

/// Describes the options of `steno transcribe` to `command`, which fills `settings` when it
/// parses. A value out of range fails the parse with the option's name and range. `settings` must
/// outlive `command`.
void add_transcribe_options(CLI::App& command, TranscribeSettings& settings);

/// The same for `steno diarize`, which has only those that concern speakers.
void add_diarize_options(CLI::App& command, TranscribeSettings& settings);

/// The options that say what becomes of a recording that was heard, to `options`, which outlives
/// `command`.
void add_options_after_recognition(CLI::App& command, TranscribeOptions& options);

/// Long names of the options that were given to `command`, which has been parsed.
std::vector<std::string> given_options(const CLI::App& command);

/// Long names of all options of `command` that need no value.
std::vector<std::string> flags_of(const CLI::App& command);

/// Rules over several options, to be asked after the parse: the message of the first one broken,
/// or success.
Result<void> check(const TranscribeSettings& settings);
Result<void> check_diarize(const TranscribeSettings& settings);

}  // namespace steno::app
