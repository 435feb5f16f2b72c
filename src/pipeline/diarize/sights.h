#pragma once

#include <array>
#include <vector>

#include "pipeline/diarize/voices.h"

// Private to diarize/.

namespace steno::diarize {

/// A crop as a window sees it that has at least half of it.
struct Sight {
  size_t crop = 0;
  std::array<float, Window::kSpeakers> active{};  ///< mean of each local speaker, 0 to 1

  float total() const { return active[0] + active[1] + active[2]; }
};

/// For each window the crops that it sees, in the order of their begin.
std::vector<std::vector<Sight>> sights_of(const Voices& voices);

/// For each crop how much of what the windows hear in it is one voice: 1 is all of it, 0 that no
/// window hears any.
std::vector<float> purities(const std::vector<std::vector<Sight>>& sights, size_t crops);

}  // namespace steno::diarize
