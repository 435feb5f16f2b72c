#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steno {

/// A language Whisper knows: its code, as in <|de|>, and its English name in lower case.
struct Language {
  std::string_view code;
  std::string_view name;
};

/// All 100 languages in the order of their tokens; `yue`, the last, came with large-v3.
std::span<const Language> languages();

/// The code for what a person writes: a code or a name, in any case ("de", "German",
/// "Castilian"). None for a language Whisper does not know.
std::optional<std::string> find_language(std::string_view code_or_name);

/// "german" for "de"; empty for a code Whisper does not know.
std::string_view language_name(std::string_view code);

}  // namespace steno
