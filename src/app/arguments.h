#pragma once

#include <span>
#include <string>
#include <vector>

namespace steno::app {

/// A command line with every option spelled as the parser knows it: `--beam_size=5` becomes
/// `--beam-size=5`, and a flag with a word for its value, as Whisper's users write it
/// (`--vad_filter False`), becomes `--vad-filter=False`. What follows `--` stays as it is, and so
/// does every value. `--sequential` is spelled out as `--decoding=sequential`. `--server` has the
/// next word for its value if that is an address, else an empty word is put there. `flags` are the
/// long names, with dashes, of options that need no value.
std::vector<std::string> normalised_arguments(std::span<const char* const> arguments,
                                              std::span<const std::string> flags);

}  // namespace steno::app
