#pragma once

#include <span>
#include <string>
#include <vector>

namespace steno::app {

/// Rewrites a command line to the spelling that the parser knows.
///
/// - `--beam_size=5` becomes `--beam-size=5`.
/// - A flag with a separate value, as in Whisper's command line (`--vad_filter False`), becomes
///   `--vad-filter=False`.
/// - `--sequential` becomes `--decoding=sequential`.
/// - `--server` takes the next argument as its value if that is an address, otherwise an empty one.
///
/// Values, and all arguments after `--`, stay unchanged. `flags` are the long names, with dashes,
/// of options without a value.
std::vector<std::string> normalised_arguments(std::span<const char* const> arguments,
                                              std::span<const std::string> flags);

}  // namespace steno::app
