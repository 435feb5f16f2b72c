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
constexpr float kLinked = 0.4F;    // affinity
constexpr float kOneVoice = 0.6F;  // cosine of mean voices
constexpr float kLeastTalk = 1;    // seconds; who says less is no speaker
// More crops of a recording, about 40 minutes, are not linked at once.
constexpr size_t kMostLinked = 1000;
// Where more speakers are asked for than are found, they have to be more alike by that much to be
// one, as often as it takes.
constexpr float kStricter = 0.05F;
constexpr float kStrictest = 0.95F;

/// Crops that are taken to be one speaker's.
struct Group {
  Embedding sum{};    // of their voices, weighed by their seconds
  float seconds = 0;  // that they stand for
  std::vector<size_t> crops;
};

Embedding unit(Embedding voice) {
  const float length = std::sqrt(likeness(voice, voice));
  for (float& value : voice) value /= std::max(length, 1e-9F);
  return voice;
}

void join(Group& group, Group other) {
  for (size_t i = 0; i < group.sum.size(); ++i) group.sum[i] += other.sum[i];
  group.seconds += other.seconds;
  group.crops.insert(group.crops.end(), other.crops.begin(), other.crops.end());
}

/// The crops that clusters are made of.
std::vector<size_t> clear_crops(const Voices& voices, const std::vector<float>& purities) {
  std::vector<size_t> clear;
  for (size_t i = 0; i < voices.crops.size(); ++i) {
    if (voices.crops[i].duration() >= kLeastSeconds && purities[i] >= kLeastPurity) {
      clear.push_back(i);
    }
  }
  if (clear.size() < 2) {
    clear.resize(voices.crops.size());
    std::iota(clear.begin(), clear.end(), size_t{0});
  }
  return clear;
}

/// The mean, over the windows that see both, of whether two crops are of one local speaker, from -1
/// to 1; 0 where no window sees both. crops.size() squared.
std::vector<float> agreement(const std::vector<std::vector<Sight>>& sights,
                             std::span<const size_t> crops) {
  const size_t count = crops.size();
  std::vector<float> sums(count * count);
  std::vector<uint8_t> windows(count * count);
  const auto place_of = [&](size_t crop) -> std::optional<size_t> {
    const auto found = std::ranges::lower_bound(crops, crop);
    if (found == crops.end() || *found != crop) return std::nullopt;
    return static_cast<size_t>(found - crops.begin());
  };
  for (const auto& seen : sights) {
    std::vector<std::pair<size_t, std::array<float, Window::kSpeakers>>> here;
    for (const Sight& sight : seen) {
      const auto place = place_of(sight.crop);
      if (!place) continue;
      auto active = sight.active;
      const float length =
          std::sqrt(std::inner_product(active.begin(), active.end(), active.begin(), 0.0F)) + 1e-6F;
      for (float& value : active) value /= length;
      here.emplace_back(*place, active);
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

std::vector<Merge> link(const Voices& voices, const std::vector<std::vector<Sight>>& sights,
                        std::span<const size_t> crops) {
  std::vector<float> affinity = agreement(sights, crops);
  for (size_t i = 0; i < crops.size(); ++i) {
    for (size_t j = 0; j <= i; ++j) {
      const float cosine =
          likeness(voices.crops[crops[i]].embedding, voices.crops[crops[j]].embedding);
      float& both = affinity[i * crops.size() + j];
      both = cosine + kWeightOfAgreement * both;
      affinity[j * crops.size() + i] = both;
    }
  }
  return average_linkage(std::move(affinity), crops.size());
}

/// A stretch of the recording with the dendrogram of its crops.
struct Linked {
  std::span<const size_t> crops;
  std::vector<Merge> merges;
};

std::vector<Linked> link_all(const Voices& voices, const std::vector<std::vector<Sight>>& sights,
                             std::span<const size_t> crops) {
  std::vector<Linked> all;
  const size_t parts = (crops.size() + kMostLinked - 1) / kMostLinked;
  for (size_t part = 0; part < parts; ++part) {
    const size_t begin = part * crops.size() / parts;
    const size_t end = (part + 1) * crops.size() / parts;
    const auto some = crops.subspan(begin, end - begin);
    all.push_back({some, link(voices, sights, some)});
  }
  return all;
}

std::vector<Group> groups_of(const Voices& voices, const std::vector<Linked>& all,
                             float least_affinity) {
  std::vector<Group> groups;
  for (const Linked& linked : all) {
    const auto numbers = cut(linked.merges, linked.crops.size(), least_affinity);
    const size_t first = groups.size();
    groups.resize(first + 1 + std::ranges::max(numbers));
    for (size_t i = 0; i < numbers.size(); ++i) {
      const Crop& crop = voices.crops[linked.crops[i]];
      Group one{crop.embedding, crop.seconds, {linked.crops[i]}};
      for (float& value : one.sum) value *= crop.seconds;
      join(groups[first + numbers[i]], std::move(one));
    }
  }
  return groups;
}

/// Joins the two groups whose mean voices are most alike, again and again, while `goes_on` says so
/// of how many there are and how alike those two are.
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
      const float cosine = likeness(means[one], means[other]);
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
      const float cosine = likeness(means[i], means[kept]);
      if (cosine > nearest[i].cosine) nearest[i] = {kept, cosine};
    }
  }
}

/// Who says nearly nothing is no speaker, unless nobody says more.
void drop_small(std::vector<Group>& groups) {
  if (groups.empty()) return;
  Group largest = *std::ranges::max_element(groups, {}, &Group::seconds);
  std::erase_if(groups, [](const Group& group) { return group.seconds < kLeastTalk; });
  if (groups.empty()) groups.push_back(std::move(largest));
}

std::vector<Group> speakers_at(const Voices& voices, const std::vector<Linked>& linked,
                               float stricter, Limits limits) {
  const float one_voice = std::min(kOneVoice + stricter, kStrictest);
  auto groups = groups_of(voices, linked, kLinked + stricter);
  join_groups(groups, [&](size_t, float cosine) { return cosine >= one_voice; });
  drop_small(groups);
  join_groups(groups, [&](size_t count, float) { return limits.most && count > *limits.most; });
  return groups;
}

}  // namespace

float likeness(const Embedding& one, const Embedding& other) {
  // Four sums, which the compiler can make at once.
  std::array<float, 4> sums{};
  for (size_t i = 0; i < one.size(); i += sums.size()) {
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += one[i + k] * other[i + k];
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

Clustering cluster(const Voices& voices, const std::vector<std::vector<Sight>>& sights,
                   const std::vector<float>& purities, Limits limits) {
  const auto clear = clear_crops(voices, purities);
  const auto linked = link_all(voices, sights, clear);
  auto groups = speakers_at(voices, linked, 0, limits);
  for (float stricter = kStricter;
       groups.size() < limits.least && kOneVoice + stricter <= kStrictest; stricter += kStricter) {
    auto more = speakers_at(voices, linked, stricter, limits);
    if (more.size() > groups.size()) groups = std::move(more);
  }
  Clustering clustering;
  clustering.crops.resize(voices.crops.size());
  if (groups.empty()) clustering.speakers.push_back({});
  for (const Group& group : groups) {
    for (const size_t crop : group.crops) clustering.crops[crop] = clustering.speakers.size();
    clustering.speakers.push_back(unit(group.sum));
  }
  return clustering;
}

}  // namespace steno::diarize
