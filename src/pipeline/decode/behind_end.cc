#include "pipeline/decode/behind_end.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/decode/sniff.h"

namespace steno::decode {
namespace {

/// Programs pad files by some bytes.
constexpr std::int64_t kSlack = 64;
constexpr int kMostBoxes = 64;
constexpr std::size_t kBehindSize = 64;

/// At most `size` bytes at `offset`.
std::vector<std::byte> read_at(AVIOContext& io, std::int64_t offset, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (avio_seek(&io, offset, SEEK_SET) != offset) return {};
  const int count = avio_read(&io, reinterpret_cast<unsigned char*>(bytes.data()),
                              static_cast<int>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max(0, count)));
  return bytes;
}

/// Whether it is the header of a RIFF chunk that fits into the `left` bytes of the file.
bool is_chunk(std::span<const std::byte> bytes, std::int64_t left) {
  const auto is_printable = [](std::byte b) { return std::isprint(std::to_integer<int>(b)) != 0; };
  return bytes.size() >= 8 && std::ranges::all_of(bytes.first(4), is_printable) &&
         std::int64_t{little_endian(bytes, 4)} + 8 <= left + kSlack;
}

Behind behind_wav(AVIOContext& io, const WavHeader& header, std::int64_t size) {
  const auto end = header.data_begin + header.data_size;
  // Chunks begin at even offsets, but not all programs know that.
  for (const std::int64_t at : {end, end + (end & 1)}) {
    const auto bytes = read_at(io, at, kBehindSize);
    if (text_of(bytes).starts_with("RIFF")) {
      const auto second = wav_header(bytes);
      return second && second->format == header.format ? Behind::audio : Behind::recording;
    }
    if (is_chunk(bytes, size - at)) return Behind::nothing;
  }
  return Behind::audio;
}

Behind behind_aiff(AVIOContext& io, std::span<const std::byte> head, std::int64_t size) {
  const std::int64_t end = std::int64_t{8} + big_endian(head, 4);
  if (end + kSlack >= size) return Behind::nothing;
  return text_of(read_at(io, end, 4)) == "FORM" ? Behind::recording : Behind::nothing;
}

/// A file with fragments has many boxes, and one index only.
Behind behind_mp4(AVIOContext& io, std::int64_t size) {
  int indexes = 0;
  std::int64_t at = 0;
  for (int boxes = 0; boxes < kMostBoxes && at + 8 <= size; ++boxes) {
    const auto bytes = read_at(io, at, 16);
    if (bytes.size() < 16) break;
    const auto kind = text_of(bytes).substr(4, 4);
    if (kind == "moof") break;
    if (kind == "moov" && ++indexes > 1) return Behind::recording;
    std::int64_t length = big_endian(bytes, 0);
    if (length == 1) length = std::int64_t{big_endian(bytes, 8)} << 32 | big_endian(bytes, 12);
    if (length < 8 || length > size - at) break;
    at += length;
  }
  return Behind::nothing;
}

Behind look(AVIOContext& io, std::span<const std::byte> head, std::int64_t size) {
  const auto text = text_of(head);
  if (const auto wav = wav_header(head)) {
    if (wav->data_begin + wav->data_size + kSlack >= size) return Behind::nothing;
    return behind_wav(io, *wav, size);
  }
  if (text.size() < 12) return Behind::nothing;
  if (text.starts_with("FORM") && text.substr(8, 3) == "AIF") return behind_aiff(io, head, size);
  if (text.substr(4, 4) == "ftyp") return behind_mp4(io, size);
  return Behind::nothing;
}

}  // namespace

Behind look_behind_end(AVIOContext& io, std::span<const std::byte> head) {
  const std::int64_t size = avio_size(&io);
  if ((io.seekable & AVIO_SEEKABLE_NORMAL) == 0 || size <= 0) return Behind::nothing;
  // Seeking replaces the buffer that `head` may lie in.
  const std::vector<std::byte> copy(head.begin(), head.end());
  const Behind behind = look(io, copy, size);
  avio_seek(&io, 0, SEEK_SET);
  return behind;
}

}  // namespace steno::decode
