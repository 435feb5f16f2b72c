#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steno {

/// The choice that a mistyped word most likely meant, for "did you mean …?": the one with the
/// smallest edit distance, when at most a third of its letters (and at least one) would have to
/// change. ASCII letters compare without case, and '-' equals '_'.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> choices);

}  // namespace steno
