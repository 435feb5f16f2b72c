#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/words/span_finder.h"
#include "pipeline/words/time_map.h"

namespace steno {

/// Finds the parts of a recording that are not silent and gave no words. Keeps one byte for each
/// half second and channel. Not thread-safe, but push() may run at the same time as the functions
/// add_...().
class WordlessSound {
 public:
  /// `clips`: the parts of the recording that are transcribed.
  WordlessSound(int channels, std::vector<Clip> clips);

  /// Takes the next samples of a channel, 16 kHz.
  void push(int channel, std::span<const float> samples);
  /// Parts of the recording that have words.
  void add_words(int channel, std::span<const TimeRange> ranges);
  /// Parts that voice activity detection found and that have no words. In order.
  void add_wordless(int channel, std::span<const TimeRange> ranges);

  /// One line for speech without words, one for other sound without words, for each channel that
  /// has such. Call it last. `name`: that of the recording, may be empty.
  std::vector<std::string> warnings(const std::string& name) const;

 private:
  struct Channel {
    double sum = 0;  ///< of the samples of the current step
    double squares = 0;
    int64_t count = 0;
    std::vector<int8_t> levels;  ///< of each step, in dBFS, without its mean
    std::vector<TimeRange> words;
    std::vector<TimeRange> speech;  ///< without words
  };
  bool is_chosen(double seconds) const;
  bool has_words() const;
  int least_level(const Channel& channel) const;
  std::vector<TimeRange> other_sound(const Channel& channel) const;

  std::vector<Clip> clips_;
  std::vector<Channel> channels_;
};

}  // namespace steno
