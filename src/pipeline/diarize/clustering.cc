// Problem: a recording has thousands of excerpts of an unknown number of speakers. One speaker's
// excerpts differ with loudness and noise, and comparing all pairs takes time O(n²).
//
// Idea: two excerpts are similar if their embeddings have a high cosine, and also if the windows
// that contain both find the same local speaker in them. Average linkage groups up to 1000
// consecutive excerpts by this affinity. Groups of the whole recording are then joined by their
// mean voices, so the cost grows linearly. Groups with almost no speech are dropped.

#include "pipeline/diarize/clustering.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "pipeline/diarize/linkage.h"

namespace steno::diarize {
namespace {

// Found on the recordings of bench/diarize: see docs/adr/0016-own-diarization.md.
constexpr float kLeastPurity = 0.7F;
constexpr double kLeastSeconds = 1;
constexpr float kWeightOfAgreement = 0.3F;
constexpr float kLinked = 0.4F;    // least affinity within a group
constexpr float kOneVoice = 0.6F;  // least cosine of the mean voices of two groups that are joined
constexpr float kLeastTalk = 1;    // seconds; a group with less speech is no speaker
// Linkage is quadratic. This many excerpts, about 40 minutes of speech, are linked at once.
constexpr size_t kMostLinked = 1000;
// If fewer speakers than the minimum are found, both thresholds grow by this step until there are
// enough.
constexpr float kStricter = 0.05F;
constexpr float kStrictest = 0.95F;

/// Excerpts of presumably one speaker.
struct Group {
  Embedding sum{};    // of the voices, weighted by their seconds
  float seconds = 0;  // that the excerpts represent
  std::vector<size_t> excerpts;
};

Embedding unit(Embedding voice) {
  const float length = std::sqrt(cosine_similarity(voice, voice));
  for (float& value : voice) value /= std::max(length, 1e-9F);
  return voice;
}

void join(Group& group, Group other) {
  for (size_t i = 0; i < group.sum.size(); ++i) group.sum[i] += other.sum[i];
  group.seconds += other.seconds;
  group.excerpts.insert(group.excerpts.end(), other.excerpts.begin(), other.excerpts.end());
}

/// The excerpts that are used for clustering.
std::vector<size_t> clear_excerpts(const Voices& voices, const std::vector<float>& purities) {
  std::vector<size_t> clear;
  for (size_t i = 0; i < voices.excerpts.size(); ++i) {
    if (voices.excerpts[i].duration() >= kLeastSeconds && purities[i] >= kLeastPurity) {
      clear.push_back(i);
    }
  }
  if (clear.size() < 2) {
    clear.resize(voices.excerpts.size());
    std::iota(clear.begin(), clear.end(), size_t{0});
  }
  return clear;
}

/// Whether the windows that contain two excerpts find the same local speaker in both: a square
/// matrix of means from -1 (never) to 1 (always); 0 where no window contains both.
std::vector<float> agreement(const std::vector<std::vector<Observation>>& observations,
                             std::span<const size_t> excerpts) {
  const size_t count = excerpts.size();
  std::vector<float> sums(count * count);
  std::vector<uint8_t> windows(count * count);
  const auto index_of = [&](size_t excerpt) -> std::optional<size_t> {
    const auto found = std::ranges::lower_bound(excerpts, excerpt);
    if (found == excerpts.end() || *found != excerpt) return std::nullopt;
    return static_cast<size_t>(found - excerpts.begin());
  };
  for (const auto& seen : observations) {
    std::vector<std::pair<size_t, std::array<float, SpeakerWindow::kSpeakers>>> here;
    for (const Observation& observation : seen) {
      const auto index = index_of(observation.excerpt);
      if (!index) continue;
      auto active = observation.active;
      const float length =
          std::sqrt(std::inner_product(active.begin(), active.end(), active.begin(), 0.0F)) + 1e-6F;
      for (float& value : active) value /= length;
      here.emplace_back(*index, active);
    }
    for (const auto& [one, a] : here) {
      for (const auto& [other, b] : here) {
        sums[one * count + other] += std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
        ++windows[one * count + other];
      }
    }
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    if (windows[i] > 0) sums[i] = 2 * sums[i] / static_cast<float>(windows[i]) - 1;
  }
  return sums;
}

std::vector<Merge> link(const Voices& voices,
                        const std::vector<std::vector<Observation>>& observations,
                        std::span<const size_t> excerpts) {
  std::vector<float> affinity = agreement(observations, excerpts);
  for (size_t i = 0; i < excerpts.size(); ++i) {
    for (size_t j = 0; j <= i; ++j) {
      const float cosine = cosine_similarity(voices.excerpts[excerpts[i]].embedding,
                                             voices.excerpts[excerpts[j]].embedding);
      float& both = affinity[i * excerpts.size() + j];
      both = cosine + kWeightOfAgreement * both;
      affinity[j * excerpts.size() + i] = both;
    }
  }
  return average_linkage(std::move(affinity), excerpts.size());
}

/// Consecutive excerpts with their dendrogram.
struct LinkedExcerpts {
  std::span<const size_t> excerpts;
  std::vector<Merge> merges;
};

std::vector<LinkedExcerpts> link_all(const Voices& voices,
                                     const std::vector<std::vector<Observation>>& observations,
                                     std::span<const size_t> excerpts) {
  std::vector<LinkedExcerpts> all;
  const size_t parts = (excerpts.size() + kMostLinked - 1) / kMostLinked;
  for (size_t part = 0; part < parts; ++part) {
    const size_t begin = part * excerpts.size() / parts;
    const size_t end = (part + 1) * excerpts.size() / parts;
    const auto some = excerpts.subspan(begin, end - begin);
    all.push_back({some, link(voices, observations, some)});
  }
  return all;
}

std::vector<Group> groups_of(const Voices& voices, const std::vector<LinkedExcerpts>& all,
                             float least_affinity) {
  std::vector<Group> groups;
  for (const LinkedExcerpts& linked : all) {
    const auto numbers = cut(linked.merges, linked.excerpts.size(), least_affinity);
    const size_t first = groups.size();
    groups.resize(first + 1 + std::ranges::max(numbers));
    for (size_t i = 0; i < numbers.size(); ++i) {
      const Excerpt& excerpt = voices.excerpts[linked.excerpts[i]];
      Group one{excerpt.embedding, excerpt.seconds, {linked.excerpts[i]}};
      for (float& value : one.sum) value *= excerpt.seconds;
      join(groups[first + numbers[i]], std::move(one));
    }
  }
  return groups;
}

/// Repeatedly joins the two groups with the most similar mean voices, while `goes_on` returns true
/// for the number of groups and the cosine of these two.
template <class GoesOn>
void join_groups(std::vector<Group>& groups, const GoesOn& goes_on) {
  std::vector<Embedding> means;
  for (const Group& group : groups) means.push_back(unit(group.sum));
  struct Nearest {
    size_t other = 0;
    float cosine = -std::numeric_limits<float>::infinity();
  };
  const auto nearest_of = [&](size_t one) {
    Nearest nearest;
    for (size_t other = 0; other < means.size(); ++other) {
      if (other == one) continue;
      const float cosine = cosine_similarity(means[one], means[other]);
      if (cosine > nearest.cosine) nearest = {other, cosine};
    }
    return nearest;
  };
  std::vector<Nearest> nearest(groups.size());
  for (size_t i = 0; i < groups.size(); ++i) nearest[i] = nearest_of(i);
  while (groups.size() > 1) {
    const auto best = std::ranges::max_element(nearest, {}, &Nearest::cosine);
    if (!goes_on(groups.size(), best->cosine)) return;
    const auto one = static_cast<size_t>(best - nearest.begin());
    const size_t kept = std::min(one, best->other);
    const size_t gone = std::max(one, best->other);
    join(groups[kept], std::move(groups[gone]));
    const auto erase_gone = [gone](auto& list) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(gone));
    };
    erase_gone(groups);
    erase_gone(means);
    erase_gone(nearest);
    means[kept] = unit(groups[kept].sum);
    for (size_t i = 0; i < groups.size(); ++i) {
      const size_t other = nearest[i].other;
      if (i == kept || other == kept || other == gone) {
        nearest[i] = nearest_of(i);
        continue;
      }
      if (other > gone) --nearest[i].other;
      const float cosine = cosine_similarity(means[i], means[kept]);
      if (cosine > nearest[i].cosine) nearest[i] = {kept, cosine};
    }
  }
}

/// Drops groups with too little speech; the largest one stays.
void drop_small(std::vector<Group>& groups) {
  if (groups.empty()) return;
  Group largest = *std::ranges::max_element(groups, {}, &Group::seconds);
  std::erase_if(groups, [](const Group& group) { return group.seconds < kLeastTalk; });
  if (groups.empty()) groups.push_back(std::move(largest));
}

std::vector<Group> speakers_at(const Voices& voices, const std::vector<LinkedExcerpts>& linked,
                               float stricter, SpeakerLimits limits) {
  const float one_voice = std::min(kOneVoice + stricter, kStrictest);
  auto groups = groups_of(voices, linked, kLinked + stricter);
  join_groups(groups, [&](size_t, float cosine) { return cosine >= one_voice; });
  drop_small(groups);
  join_groups(groups, [&](size_t count, float) { return limits.most && count > *limits.most; });
  return groups;
}

}  // namespace

float cosine_similarity(const Embedding& one, const Embedding& other) {
  // Four independent sums, so that the compiler can vectorise the loop.
  std::array<float, 4> sums{};
  for (size_t i = 0; i < one.size(); i += sums.size()) {
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += one[i + k] * other[i + k];
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

Clustering cluster(const Voices& voices, const std::vector<std::vector<Observation>>& observations,
                   const std::vector<float>& purities, SpeakerLimits limits) {
  const auto clear = clear_excerpts(voices, purities);
  const auto linked = link_all(voices, observations, clear);
  auto groups = speakers_at(voices, linked, 0, limits);
  for (float stricter = kStricter;
       groups.size() < limits.least && kOneVoice + stricter <= kStrictest; stricter += kStricter) {
    auto more = speakers_at(voices, linked, stricter, limits);
    if (more.size() > groups.size()) groups = std::move(more);
  }
  Clustering clustering;
  clustering.excerpts.resize(voices.excerpts.size());
  if (groups.empty()) clustering.speakers.push_back({});
  for (const Group& group : groups) {
    for (const size_t excerpt : group.excerpts)
      clustering.excerpts[excerpt] = clustering.speakers.size();
    clustering.speakers.push_back(unit(group.sum));
  }
  return clustering;
}

}  // namespace steno::diarize
