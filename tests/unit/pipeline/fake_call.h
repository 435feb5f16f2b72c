#pragma once

#include <cmath>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/pipeline.h"

namespace steno {

/// Stores everything it receives.
struct Collector : Sink {
  void segment(const Segment& segment) override { segments.push_back(segment); }
  void progress(const Progress& progress) override { steps.push_back(progress); }
  std::vector<Segment> segments;
  std::vector<Progress> steps;
};

/// A recording whose samples are generated on demand, half a second at a time.
inline AudioInput generated(int channels, double seconds,
                            std::function<float(int channel, int64_t sample)> make) {
  AudioInput audio;
  audio.channels = channels;
  audio.duration = seconds;
  const auto length = static_cast<int64_t>(seconds * 16000);
  audio.read = [=, at = int64_t{0}](std::vector<std::vector<float>>& block) mutable {
    const int64_t end = std::min(length, at + 8000);
    block.assign(static_cast<size_t>(channels), {});
    for (int channel = 0; channel < channels; ++channel) {
      for (int64_t i = at; i < end; ++i) {
        block[static_cast<size_t>(channel)].push_back(make(channel, i));
      }
    }
    const bool more = end > at;
    at = end;
    return Result<bool>(more);
  };
  return audio;
}

/// Samples as a recording; those of several channels have the same length.
inline AudioInput recorded(std::vector<std::vector<float>> channels) {
  const double seconds = static_cast<double>(channels.front().size()) / 16000;
  const int count = static_cast<int>(channels.size());
  const auto samples = std::make_shared<std::vector<std::vector<float>>>(std::move(channels));
  return generated(count, seconds, [samples](int channel, int64_t sample) {
    return (*samples)[static_cast<size_t>(channel)][static_cast<size_t>(sample)];
  });
}

/// Bytes of this process that are in memory.
inline int64_t memory_in_use() {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

/// Whether a sanitizer makes measuring memory meaningless.
inline constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#else
    false;
#endif

/// The most memory in use at any progress.
struct MemoryWatch : Collector {
  void progress(const Progress& progress) override {
    Collector::progress(progress);
    most = std::max(most, memory_in_use());
  }
  int64_t most = 0;
};

inline std::vector<std::string> texts(const std::vector<Segment>& segments) {
  std::vector<std::string> all;
  for (const Segment& segment : segments) all.push_back(segment.text);
  return all;
}

}  // namespace steno
