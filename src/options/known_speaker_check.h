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

/// Checks a list of known speakers without decoding audio. Names must differ, must have no control
/// characters, and must not look like the labels that Steno assigns. Audio must be base64 within
/// the size limits. Fails with invalid_argument, the position within the option `name`, and what is
/// valid.
Result<void> check_known_speakers(const std::string& name, std::span<const KnownSpeaker> speakers);

}  // namespace steno
