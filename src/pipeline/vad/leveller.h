#pragma once

#include <span>

namespace steno::vad {

/// Prepares samples for the voice activity network, which misses speech on a DC offset and very
/// quiet speech. Removes the offset and amplifies quiet samples that are not steady. Ordinary
/// recordings stay as they are, to the last bit. Not thread-safe.
class Leveller {
 public:
  /// Changes the next samples of the recording, 16 kHz. The level of a whole block counts, so a
  /// block holds 2 s, the last one less.
  void process(std::span<float> block);

 private:
  void remove_offset(std::span<float> block);
  void amplify(std::span<float> block);

  bool has_offset_ = false;  ///< once seen, removed until the end
  float last_input_ = 0;     ///< state of the high-pass filter
  float last_output_ = 0;
  double level_ = -200;  ///< dBFS, falls slowly
  float gain_ = 1;
};

}  // namespace steno::vad
