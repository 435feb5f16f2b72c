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

// The least cosine between a speaker's mean voice and a known voice of the same person.
constexpr float kKnown = 0.5F;

SpeakerLimits limits_of(const SpeakerOptions& options) {
  SpeakerLimits limits;
  if (options.min_speakers) limits.least = static_cast<size_t>(*options.min_speakers);
  const auto most = options.num_speakers ? options.num_speakers : options.max_speakers;
  if (most) limits.most = static_cast<size_t>(*most);
  return limits;
}

/// Numbers the speakers in the order of their first turns. Returns the old number of each.
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

/// Names speakers after known voices, the most similar pairs first. Each known voice names at most
/// one speaker.
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
      const float cosine = cosine_similarity(known[k].voice, voices[speaker]);
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
  const auto observations = observations_of(voices);
  const auto pure = purities(observations, voices.excerpts.size());
  const auto clustering = cluster(voices, observations, pure, limits_of(options));
  Speakers speakers{turns_of(voices, observations, pure, clustering), {}};
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
  for (const Excerpt& excerpt : voices.excerpts) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += excerpt.seconds * excerpt.embedding[i];
  }
  const float length = std::sqrt(cosine_similarity(sum, sum));
  if (length == 0) return fail(Errc::invalid_argument, "no voice is alone for 0.4 s");
  for (float& value : sum) value /= length;
  return sum;
}

}  // namespace steno::diarize
