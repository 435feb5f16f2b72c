#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace steno::decode {

/// Mixes channels to one. The weights are those of the channel layout. Where the channels would
/// cancel each other, such as a voice in opposite phase, the sign of some is inverted, until the
/// channels would cancel each other with that sign. Decides this every 0.1 s and fades from one
/// sign to the other. Not thread-safe.
class Mixer {
 public:
  /// One weight per channel.
  explicit Mixer(std::vector<float> weights);

  /// Appends the mixed samples to `out`. The last few follow with a later call. `channels` holds
  /// one vector per channel, of which the first `count` samples are used.
  void mix(std::span<const std::vector<float>> channels, std::size_t count,
           std::vector<float>& out);
  /// Appends the samples that are still buffered.
  void finish(std::vector<float>& out);

 private:
  void mix_block(std::size_t count, std::vector<float>& out);
  std::vector<float> next_gains(std::size_t count) const;

  std::vector<float> gains_;  ///< of the last block
  bool is_first_ = true;
  std::vector<std::vector<float>> waiting_;  ///< samples of an incomplete block, by channel
};

}  // namespace steno::decode
