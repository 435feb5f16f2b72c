#pragma once

#include <algorithm>
#include <cstdint>

#include "sandbox/confine.h"

/// Limits of decoding one recording. decode.h tells the user's side of it.
namespace steno::decode {

/// Tracks of any kind, attached fonts and pictures included.
inline constexpr int kMostTracks = 512;
/// Finding out about a track may need a decoder of its own, of about a megabyte.
inline constexpr int kMostAudioTracks = 64;
inline constexpr int kMostChannels = 64;
/// Bytes of the packets that are read to find out about the tracks.
inline constexpr std::int64_t kProbedBytes = 5'000'000;
/// Processor time until the next samples or kReadPerGrant bytes, in seconds.
inline constexpr int kProcessorSeconds = sandbox::Limits().processor_seconds;
inline constexpr std::int64_t kReadPerGrant = 64 << 20;

inline constexpr std::int64_t kUsualSize = std::int64_t{256} << 20;
inline constexpr std::int64_t kLeastMemory = std::int64_t{256} << 20;
inline constexpr std::int64_t kMostMemory = std::int64_t{1} << 30;

/// The most memory, in bytes, for a recording of this size; -1: of unknown size. The index of a
/// long recording takes up to a fifth of its size. The usual limit is that of a sandbox, whose
/// children are forked in advance.
constexpr std::uint64_t memory_limit(std::int64_t size) {
  if (size <= kUsualSize) return sandbox::Limits().memory_bytes;
  return static_cast<std::uint64_t>(std::min(kLeastMemory + size / 4, kMostMemory));
}

/// A file with more audio than this, in seconds, is read in circles: an hour, and a second per 25
/// bytes.
constexpr double most_seconds(std::int64_t bytes) { return 3600 + static_cast<double>(bytes) / 25; }

}  // namespace steno::decode
