#include "pipeline/diarize/voices.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace steno::diarize {
namespace {

// The number changes with the layout of the bytes behind this line.
constexpr std::string_view kMark = "steno voices 1\n";

static_assert(std::is_trivially_copyable_v<SpeakerWindow> && std::is_trivially_copyable_v<Excerpt>);
static_assert(sizeof(SpeakerWindow) == 4 * Networks::kFrames);

template <class T>
void put(std::string& bytes, const T* from, size_t count) {
  bytes.append(reinterpret_cast<const char*>(from), count * sizeof(T));
}

/// Moves the begin of `bytes` forward. False if there are too few bytes.
template <class T>
bool take(std::string_view& bytes, T* to, size_t count) {
  if (bytes.size() / sizeof(T) < count) return false;
  if (count > 0) std::memcpy(to, bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return true;
}

template <class T>
bool take(std::string_view& bytes, std::vector<T>& to, uint64_t count) {
  if (bytes.size() / sizeof(T) < count) return false;
  to.resize(count);
  return take(bytes, to.data(), to.size());
}

bool is_finite(float value) { return std::isfinite(value); }

bool is_sound(const Voices& voices) {
  const int64_t frames =
      voices.windows.empty()
          ? 0
          : static_cast<int64_t>(voices.windows.size() - 1) * kWindowHop + Networks::kFrames;
  int64_t before = 0;
  for (const Excerpt& excerpt : voices.excerpts) {
    if (excerpt.begin < before || excerpt.end <= excerpt.begin || excerpt.end > frames)
      return false;
    if (!(excerpt.seconds >= 0) || !is_finite(excerpt.seconds) ||
        !std::ranges::all_of(excerpt.embedding, is_finite))
      return false;
    before = excerpt.begin;
  }
  return voices.samples >= 0;
}

}  // namespace

std::string to_bytes(const Voices& voices) {
  const std::array<uint64_t, 3> counts = {static_cast<uint64_t>(voices.samples),
                                          voices.windows.size(), voices.excerpts.size()};
  std::string bytes(kMark);
  bytes.reserve(bytes.size() + sizeof counts + voices.windows.size() * sizeof(SpeakerWindow) +
                voices.excerpts.size() * sizeof(Excerpt));
  put(bytes, counts.data(), counts.size());
  put(bytes, voices.windows.data(), voices.windows.size());
  put(bytes, voices.excerpts.data(), voices.excerpts.size());
  return bytes;
}

Result<Voices> voices_from(std::string_view bytes) {
  Voices voices;
  std::array<uint64_t, 3> counts{};
  if (bytes.starts_with(kMark)) {
    bytes.remove_prefix(kMark.size());
    const bool fits = take(bytes, counts.data(), counts.size()) &&
                      take(bytes, voices.windows, counts[1]) &&
                      take(bytes, voices.excerpts, counts[2]);
    voices.samples = static_cast<int64_t>(counts[0]);
    if (fits && bytes.empty() && is_sound(voices)) return voices;
  }
  return fail(Errc::invalid_argument, "not the voices of a recording as this program stores them");
}

}  // namespace steno::diarize
