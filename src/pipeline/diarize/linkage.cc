#include "pipeline/diarize/linkage.h"

#include <limits>
#include <map>
#include <numeric>

namespace steno::diarize {
namespace {

class Linkage {
 public:
  Linkage(std::vector<float> affinity, size_t count)
      : count_(count), affinity_(std::move(affinity)), size_(count, 1) {}

  /// Follows nearest neighbours from the end of the last chain until two groups are each other's
  /// nearest, and merges these.
  Merge next() {
    if (chain_.empty()) chain_.push_back(first_group());
    while (true) {
      const size_t last = chain_.back();
      const size_t before = chain_.size() > 1 ? chain_[chain_.size() - 2] : last;
      const size_t nearest = nearest_of(last, before);
      if (nearest == before && before != last) break;
      chain_.push_back(nearest);
    }
    const size_t one = chain_.back();
    const size_t other = chain_[chain_.size() - 2];
    chain_.resize(chain_.size() - 2);
    const Merge merge{one, other, at(one, other)};
    join(one, other);
    return merge;
  }

 private:
  float& at(size_t row, size_t column) { return affinity_[row * count_ + column]; }

  size_t first_group() const {
    size_t group = 0;
    while (size_[group] == 0) ++group;
    return group;
  }

  /// Ties go to `preferred`; otherwise a chain could run in a circle.
  size_t nearest_of(size_t group, size_t preferred) {
    size_t nearest = preferred;
    float best =
        preferred == group ? -std::numeric_limits<float>::infinity() : at(group, preferred);
    for (size_t other = 0; other < count_; ++other) {
      if (other == group || size_[other] == 0) continue;
      if (at(group, other) > best) {
        best = at(group, other);
        nearest = other;
      }
    }
    return nearest;
  }

  /// The Lance-Williams update for average linkage. Afterwards `one` stands for both groups.
  void join(size_t one, size_t other) {
    const auto a = static_cast<float>(size_[one]);
    const auto b = static_cast<float>(size_[other]);
    for (size_t third = 0; third < count_; ++third) {
      if (size_[third] == 0 || third == one || third == other) continue;
      at(one, third) = (a * at(one, third) + b * at(other, third)) / (a + b);
      at(third, one) = at(one, third);
    }
    size_[one] += size_[other];
    size_[other] = 0;
  }

  const size_t count_;
  std::vector<float> affinity_;
  std::vector<size_t> size_;  // 0: merged into another group
  std::vector<size_t> chain_;
};

}  // namespace

std::vector<Merge> average_linkage(std::vector<float> affinity, size_t count) {
  std::vector<Merge> merges;
  Linkage linkage(std::move(affinity), count);
  while (merges.size() + 1 < count) merges.push_back(linkage.next());
  return merges;
}

std::vector<size_t> cut(std::span<const Merge> merges, size_t count, float affinity) {
  std::vector<size_t> parent(count);
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto root = [&](size_t thing) {
    while (parent[thing] != thing) thing = parent[thing] = parent[parent[thing]];
    return thing;
  };
  for (const Merge& merge : merges) {
    if (merge.affinity >= affinity) parent[root(merge.other)] = root(merge.one);
  }
  std::map<size_t, size_t> number;
  std::vector<size_t> groups(count);
  for (size_t i = 0; i < count; ++i) {
    groups[i] = number.try_emplace(root(i), number.size()).first->second;
  }
  return groups;
}

}  // namespace steno::diarize
