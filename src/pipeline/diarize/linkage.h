#pragma once

#include <cstddef>
#include <span>
#include <vector>

// Private to diarize/.

namespace steno::diarize {

/// Two groups, each named by one of its members, that become one.
struct Merge {
  size_t one = 0;
  size_t other = 0;
  float affinity = 0;  ///< mean over all pairs of a member of the one and one of the other
};

/// Average linkage of `count` things by nearest-neighbour chains (Müllner, "Modern hierarchical,
/// agglomerative clustering algorithms", 2011), in time and memory of `count` squared. `affinity`
/// is count x count and symmetric; what is on its diagonal is not looked at.
std::vector<Merge> average_linkage(std::vector<float> affinity, size_t count);

/// The groups that merges of at least that affinity make, numbered from 0 by their first member:
/// the group of each thing.
std::vector<size_t> cut(std::span<const Merge> merges, size_t count, float affinity);

}  // namespace steno::diarize
