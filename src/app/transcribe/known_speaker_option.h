#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Adds --known-speaker NAME=FILE, as often as wanted; they are appended to `speakers`, which
/// outlives `command`.
void add_known_speaker_option(CLI::App& command, std::vector<KnownSpeaker>& speakers);

/// "NAME=FILE", with the file's content. Fails with invalid_argument, not_found, io.
Result<KnownSpeaker> read_known_speaker(std::string_view text);

}  // namespace steno::app
