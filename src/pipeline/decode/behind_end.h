#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "pipeline/decode/ffmpeg.h"

/// Data behind the end that a recording's header states: of a recorder that was stopped hard, or of
/// joined files. FFmpeg ends there without a word.
namespace steno::decode {

enum class Behind {
  nothing,    ///< or data that is no audio
  audio,      ///< more samples of the same format
  recording,  ///< another recording with its own header
};

/// Looks behind the end of the recording that `io` is at the start of, and returns there. `head`
/// are its first bytes. Knows wav, aiff and mp4; nothing if `io` cannot seek.
Behind look_behind_end(AVIOContext& io, std::span<const std::byte> head);

}  // namespace steno::decode
