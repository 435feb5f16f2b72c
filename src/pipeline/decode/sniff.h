#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// What a file's first and last bytes say that FFmpeg does not pass on. Pure functions.
namespace steno::decode {

/// Whether a stream that begins with `head` cannot be read front to back: mp4 without its index
/// (moov) before the samples, and aiff, caf, avi, whose headers may come last.
bool needs_seeking(std::span<const std::byte> head);

/// Whether it is an m3u playlist, of which FFmpeg only knows some kinds.
bool is_m3u(std::span<const std::byte> head);

/// Seconds of uncompressed audio that a RIFF WAVE header promises; none if it is no such header,
/// or if the program that wrote it did not know the length.
std::optional<double> wav_duration(std::span<const std::byte> head);

/// Where a RIFF header (wav, avi) says that the file ends; none if it is no such header, or if the
/// program that wrote it did not know.
std::optional<std::int64_t> riff_end(std::span<const std::byte> head);

/// Whether the last Ogg page in a file's last bytes is not all there, or does not say that it is
/// the last one of its stream (RFC 3533). 70 KB are enough.
bool is_cut_off_ogg(std::span<const std::byte> tail);

}  // namespace steno::decode
