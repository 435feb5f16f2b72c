#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steno {

/// The probable meaning of a mistyped word, for "did you mean …?": the choice with the smallest
/// edit distance, if at most a third of its letters (at least one) differ. Ignores the case of
/// ASCII letters, and treats '-' and '_' as equal.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> choices);

/// "; did you mean CHOICE?" for the end of an error message; "" if no choice is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> choices);

}  // namespace steno
