#include "pipeline/diarize/diarize.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "pipeline/diarize/clustering.h"
#include "pipeline/diarize/turns.h"
#include "transcript/transcript.h"

namespace steno::diarize {
namespace {

// Least cosine of a speaker's mean voice and a known one.
constexpr float kKnown = 0.5F;

Limits limits_of(const SpeakerOptions& options) {
  Limits limits;
  if (options.min_speakers) limits.least = static_cast<size_t>(*options.min_speakers);
  const auto most = options.num_speakers ? options.num_speakers : options.max_speakers;
  if (most) limits.most = static_cast<size_t>(*most);
  return limits;
}

/// Numbers the speakers by their first turns; gives the old number of each.
std::vector<size_t> number_by_appearance(std::vector<Turn>& turns) {
  std::vector<size_t> old_numbers;
  for (Turn& turn : turns) {
    const auto old = static_cast<size_t>(turn.speaker);
    const auto found = std::ranges::find(old_numbers, old);
    turn.speaker = static_cast<int>(found - old_numbers.begin());
    if (found == old_numbers.end()) old_numbers.push_back(old);
  }
  return old_numbers;
}

/// Each known voice to one speaker at most, those that are most alike first.
void name_known(std::span<const KnownVoice> known, std::span<const Embedding> voices,
                std::vector<std::string>& names) {
  struct Pair {
    float cosine;
    size_t known;
    size_t speaker;
  };
  std::vector<Pair> pairs;
  for (size_t k = 0; k < known.size(); ++k) {
    for (size_t speaker = 0; speaker < voices.size(); ++speaker) {
      const float cosine = likeness(known[k].voice, voices[speaker]);
      if (cosine >= kKnown) pairs.push_back({cosine, k, speaker});
    }
  }
  std::ranges::stable_sort(pairs, std::greater{}, &Pair::cosine);
  std::vector<bool> is_given(known.size());
  std::vector<bool> is_named(voices.size());
  for (const Pair& pair : pairs) {
    if (is_given[pair.known] || is_named[pair.speaker]) continue;
    is_given[pair.known] = is_named[pair.speaker] = true;
    names[pair.speaker] = known[pair.known].name;
  }
}

}  // namespace

Speakers find_speakers(const Voices& voices, const SpeakerOptions& options,
                       std::span<const KnownVoice> known) {
  const auto sights = sights_of(voices);
  const auto pure = purities(sights, voices.crops.size());
  const auto clustering = cluster(voices, sights, pure, limits_of(options));
  Speakers speakers{turns_of(voices, sights, pure, clustering), {}};
  std::vector<Embedding> found;
  for (const size_t number : number_by_appearance(speakers.turns)) {
    speakers.names.push_back(speaker_name(found.size()));
    found.push_back(clustering.speakers[number]);
  }
  name_known(known, found, speakers.names);
  return speakers;
}

Result<Embedding> voice_of(const Voices& voices) {
  Embedding sum{};
  for (const Crop& crop : voices.crops) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += crop.seconds * crop.embedding[i];
  }
  const float length = std::sqrt(likeness(sum, sum));
  if (length == 0) return fail(Errc::invalid_argument, "no voice is alone for 0.4 s");
  for (float& value : sum) value /= length;
  return sum;
}

}  // namespace steno::diarize
