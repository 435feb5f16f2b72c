#pragma once

#include <cstddef>
#include <span>
#include <vector>

// Private to diarize/.

namespace steno::diarize {

/// A step of the clustering: two groups become one. Each group is named by one of its members.
struct Merge {
  size_t one = 0;
  size_t other = 0;
  float affinity = 0;  ///< mean over all pairs with one member of each group
};

/// Average linkage of `count` items by nearest-neighbour chains (Müllner, "Modern hierarchical,
/// agglomerative clustering algorithms", 2011). Time and memory: O(count²). `affinity` is a
/// symmetric count x count matrix; its diagonal is ignored. Returns count - 1 merges.
std::vector<Merge> average_linkage(std::vector<float> affinity, size_t count);

/// Applies the merges with at least this affinity and returns the group of each item. Groups are
/// numbered from 0 in the order of their first members.
std::vector<size_t> cut(std::span<const Merge> merges, size_t count, float affinity);

}  // namespace steno::diarize
