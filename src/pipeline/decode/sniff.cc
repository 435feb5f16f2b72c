#include "pipeline/decode/sniff.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace steno::decode {
namespace {

/// A wav or avi header with a larger size was written to a pipe.
constexpr std::uint32_t kUnknownRiffSize = 0x7f000000;
/// PCM, float, A-law, mu-law, "extensible": the byte rate of others is often wrong.
constexpr std::array<std::uint32_t, 5> kUncompressed = {1, 3, 6, 7, 0xfffe};
constexpr std::size_t kWavFormatSize = 16;
constexpr std::size_t kOggHeaderSize = 27;
constexpr std::size_t kOggFlags = 5;  // offset of a page's flags
constexpr std::byte kOggEndOfStream{4};

bool is_mp4_without_index_first(std::span<const std::byte> head) {
  static constexpr std::array<std::string_view, 9> kBoxes = {"ftyp", "styp", "moov", "mdat", "free",
                                                             "skip", "wide", "pnot", "uuid"};
  const auto text = text_of(head);
  std::uint64_t at = 0;
  while (at + 8 <= head.size()) {
    const auto box = text.substr(at + 4, 4);
    if (at == 0 && std::ranges::find(kBoxes, box) == kBoxes.end()) return false;
    if (box == "moov" || box == "moof") return false;
    if (box == "mdat") return true;
    const auto size = big_endian(head, at);
    if (size < 8) return true;
    at += size;
  }
  return at > 0;
}

}  // namespace

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t little_endian(std::span<const std::byte> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at) {
  return __builtin_bswap32(little_endian(bytes, at));
}

bool needs_seeking(std::span<const std::byte> head) {
  const auto text = text_of(head);
  if (text.starts_with("caff")) return true;
  if (text.size() >= 12) {
    const auto kind = text.substr(8, 4);
    if (text.starts_with("FORM")) return kind == "AIFF" || kind == "AIFC";
    if (text.starts_with("RIFF")) return kind == "AVI ";
  }
  return is_mp4_without_index_first(head);
}

bool is_m3u(std::span<const std::byte> head) { return text_of(head).starts_with("#EXTM3U"); }

std::optional<WavHeader> wav_header(std::span<const std::byte> head) {
  const auto text = text_of(head);
  if (text.size() < 12 || !text.starts_with("RIFF") || text.substr(8, 4) != "WAVE") {
    return std::nullopt;
  }
  WavHeader header;
  std::uint64_t at = 12;
  while (at + 8 <= head.size()) {
    const auto chunk = text.substr(at, 4);
    const auto size = little_endian(head, at + 4);
    if (chunk == "fmt " && at + 8 + kWavFormatSize <= head.size()) {
      const auto codec = little_endian(head, at + 8) & 0xffff;
      if (std::ranges::find(kUncompressed, codec) == kUncompressed.end()) return std::nullopt;
      header.format = text.substr(at + 8, kWavFormatSize);
      header.bytes_per_second = little_endian(head, at + 16);
    }
    if (chunk == "data") {
      if (size == 0 || size >= kUnknownRiffSize || header.bytes_per_second == 0) {
        return std::nullopt;
      }
      header.data_begin = static_cast<std::int64_t>(at) + 8;
      header.data_size = size;
      return header;
    }
    at += 8 + static_cast<std::uint64_t>(size) + (size & 1);
  }
  return std::nullopt;
}

std::optional<double> wav_duration(std::span<const std::byte> head) {
  const auto header = wav_header(head);
  if (!header) return std::nullopt;
  return static_cast<double>(header->data_size) / header->bytes_per_second;
}

std::optional<std::int64_t> asf_size(std::span<const std::byte> head) {
  static constexpr std::string_view kHeader(
      "\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C", 16);
  static constexpr std::string_view kFileProperties(
      "\xA1\xDC\xAB\x8C\x47\xA9\xCF\x11\x8E\xE4\x00\xC0\x0C\x20\x53\x65", 16);
  constexpr std::uint64_t kSizeAt = 40;  // in the properties
  constexpr std::uint64_t kFlagsAt = 88;
  const auto text = text_of(head);
  if (!text.starts_with(kHeader)) return std::nullopt;
  std::uint64_t at = 30;
  while (at + kFlagsAt + 4 <= head.size()) {
    if (text.substr(at, 16) == kFileProperties) {
      const bool is_live = (little_endian(head, at + kFlagsAt) & 1) != 0;
      const auto low = little_endian(head, at + kSizeAt);
      const auto high = little_endian(head, at + kSizeAt + 4);
      if (is_live || (low == 0 && high == 0) || high > 0xffff) return std::nullopt;
      return std::int64_t{high} << 32 | low;
    }
    const auto size = little_endian(head, at + 16);
    if (size < 24) return std::nullopt;
    at += size;
  }
  return std::nullopt;
}

std::optional<std::int64_t> riff_end(std::span<const std::byte> head) {
  const auto text = text_of(head);
  if (text.size() < 12 || !text.starts_with("RIFF")) return std::nullopt;
  const auto size = little_endian(head, 4);
  if (size == 0 || size >= kUnknownRiffSize) return std::nullopt;
  return std::int64_t{8} + size;
}

bool is_cut_off_ogg(std::span<const std::byte> tail) {
  const auto at = text_of(tail).rfind("OggS");
  if (at == std::string_view::npos) return false;
  if (tail.size() - at < kOggHeaderSize) return true;
  const auto segments = std::to_integer<std::size_t>(tail[at + kOggHeaderSize - 1]);
  std::size_t size = kOggHeaderSize + segments;
  if (tail.size() - at < size) return true;
  for (const auto length : tail.subspan(at + kOggHeaderSize, segments)) {
    size += std::to_integer<std::size_t>(length);
  }
  const bool is_last = (tail[at + kOggFlags] & kOggEndOfStream) != std::byte{0};
  return tail.size() - at < size || !is_last;
}

}  // namespace steno::decode
