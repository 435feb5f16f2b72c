#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/result.h"
#include "options/options.h"

namespace steno {

inline constexpr std::size_t kMostKnownSpeakers = 20;
inline constexpr std::size_t kLongestSpeakerName = 64;                    ///< characters
inline constexpr std::size_t kMostReferenceBytes = std::size_t{1} << 20;  ///< of one file

/// Whether the list can be what it says, without hearing it: names that differ, without control
/// characters, none like those that Steno gives; base64 of some bytes, not too many.
/// invalid_argument with the place within the option `name` and what would be right.
Result<void> check_known_speakers(const std::string& name, std::span<const KnownSpeaker> speakers);

}  // namespace steno
