#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace steno::asr {

/// Windows shorter than twice this, in seconds, are not divided.
inline constexpr double kLeastPieceSeconds = 2;

/// The sample at which to divide a window: the middle of the quietest 0.2 s in its middle half.
/// Among equals, the one nearest to the centre. None if the window is too short.
std::optional<size_t> quietest_cut(std::span<const float> samples);

}  // namespace steno::asr
