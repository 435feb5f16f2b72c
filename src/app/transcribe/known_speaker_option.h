#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Adds the repeatable option --known-speaker NAME=FILE. Its values are appended to `speakers`,
/// which must outlive `command`.
void add_known_speaker_option(CLI::App& command, std::vector<KnownSpeaker>& speakers);

/// Parses "NAME=FILE" and reads the file. Fails with invalid_argument, not_found or io.
Result<KnownSpeaker> read_known_speaker(std::string_view text);

}  // namespace steno::app
