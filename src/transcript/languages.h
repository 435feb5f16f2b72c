#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steno {

/// A language that Whisper supports: its code, as in <|de|>, and its English name in lower case.
struct Language {
  std::string_view code;
  std::string_view name;
};

/// All 100 languages in the order of their tokens. The last one, `yue`, was added with large-v3.
std::span<const Language> languages();

/// Finds the code for a code or name in any case ("de", "German", "Castilian"). None for a language
/// that Whisper does not support.
std::optional<std::string> find_language(std::string_view code_or_name);

/// "german" for "de". Empty for a code that Whisper does not support.
std::string_view language_name(std::string_view code);

}  // namespace steno
