#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "pipeline/decode/ffmpeg.h"

namespace steno::decode {

/// An audio track of a container.
struct Track {
  AVStream* stream = nullptr;
  const AVCodec* codec = nullptr;  ///< null: FFmpeg has no decoder for it
  std::string note;                ///< one line about other tracks, for the user; may be empty
};

/// Chooses audio track `wanted`, counted from 0. None: the first one that the container marks as
/// default and that has a decoder, else the first one with a decoder. All other streams of `format`
/// are discarded. Error: bad_audio, without the recording's name.
Result<Track> choose_track(AVFormatContext& format, std::optional<int> wanted);

}  // namespace steno::decode
