#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Properties of a file's first and last bytes that FFmpeg does not report. Pure functions.
namespace steno::decode {

/// Whether a stream that begins with `head` cannot be read in order: an mp4 without its index
/// (moov) before the samples; aiff, caf and avi, whose headers may come last.
bool needs_seeking(std::span<const std::byte> head);

/// Whether it is an m3u playlist. FFmpeg recognises only some kinds.
bool is_m3u(std::span<const std::byte> head);

/// The bytes as text.
std::string_view text_of(std::span<const std::byte> bytes);

/// The 32-bit number at an offset, which lies within the bytes with the number.
std::uint32_t little_endian(std::span<const std::byte> bytes, std::size_t at);
std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at);

/// A RIFF WAVE header of uncompressed audio.
struct WavHeader {
  std::string format;  ///< the bytes of its format, without extensions
  std::uint32_t bytes_per_second = 0;
  std::int64_t data_begin = 0;  ///< offset of the samples
  std::int64_t data_size = 0;
};
/// None if it is no such header, or if the program that wrote it did not know the length.
std::optional<WavHeader> wav_header(std::span<const std::byte> head);

/// Seconds of uncompressed audio according to a RIFF WAVE header. None if it is no such header, or
/// if the program that wrote it did not know the length.
std::optional<double> wav_duration(std::span<const std::byte> head);

/// The size of the file according to an ASF header (wma, wmv). None if it is no such header, or if
/// the program that wrote it did not know the size.
std::optional<std::int64_t> asf_size(std::span<const std::byte> head);

/// The end of the file according to a RIFF header (wav, avi). None if it is no such header, or if
/// the program that wrote it did not know the length.
std::optional<std::int64_t> riff_end(std::span<const std::byte> head);

/// Whether the last Ogg page in a file's last bytes is incomplete, or is not marked as the last one
/// of its stream (RFC 3533). 70 KB are enough.
bool is_cut_off_ogg(std::span<const std::byte> tail);

}  // namespace steno::decode
