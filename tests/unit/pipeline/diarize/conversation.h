#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "pipeline/diarize/excerpts.h"
#include "pipeline/diarize/voices.h"
#include "transcript/turn.h"

namespace steno::diarize {

/// A voice that differs from all other voices.
inline Embedding voice_number(int number, float noise, std::mt19937& random) {
  std::mt19937 own(static_cast<unsigned>(number) + 1);
  std::normal_distribution<float> of_speaker;
  std::normal_distribution<float> of_excerpt(0, noise);
  Embedding voice;
  for (float& value : voice) value = of_speaker(own) + (noise > 0 ? of_excerpt(random) : 0);
  const float length =
      std::sqrt(std::inner_product(voice.begin(), voice.end(), voice.begin(), 0.0F));
  for (float& value : voice) value /= length;
  return voice;
}

/// A synthetic conversation, and the output of perfect networks for it.
struct Conversation {
  std::vector<Turn> turns;
  double seconds = 0;
  float noise = 0.7F;  ///< of voices; at 1 two excerpts of one speaker have a cosine of 0.5
  unsigned order = 0;  ///< of the windows' local speakers

  Voices voices() const {
    std::mt19937 random(7);
    Voices made;
    made.samples = std::lround(seconds * 16000);
    const auto frames = made.samples / Networks::kFrameShift;
    for (int64_t number = 0;; ++number) {
      const int64_t start = number * kWindowHop;
      const bool is_last = start + Networks::kFrames >= frames;
      const auto speakers = local_speakers(start, number);
      made.windows.push_back(window(start, speakers));
      for (Excerpt excerpt : excerpts_of(made.windows.back(), {number, is_last})) {
        excerpt.embedding = voice_number(who(excerpt, start, speakers), noise, random);
        excerpt.begin += start;
        excerpt.end += start;
        made.excerpts.push_back(excerpt);
      }
      if (is_last) break;
    }
    std::ranges::stable_sort(made.excerpts, {}, &Excerpt::begin);
    return made;
  }

 private:
  bool talks(int speaker, int64_t frame) const {
    const double at = seconds_at(frame) + kFrameSeconds / 2;
    return std::ranges::any_of(turns, [&](const Turn& turn) {
      return turn.speaker == speaker && turn.start <= at && at < turn.end;
    });
  }

  /// The three most active speakers of the window, in an order that differs from window to window.
  std::vector<int> local_speakers(int64_t start, int64_t number) const {
    std::vector<std::pair<int, int>> all;
    const int count = turns.empty() ? 0 : std::ranges::max(turns, {}, &Turn::speaker).speaker + 1;
    for (int speaker = 0; speaker < count; ++speaker) {
      int talk = 0;
      for (int i = 0; i < Networks::kFrames; i += 4) talk += talks(speaker, start + i) ? 1 : 0;
      if (talk > 0) all.emplace_back(-talk, speaker);
    }
    std::ranges::sort(all);
    std::vector<int> speakers(SpeakerWindow::kSpeakers, -1);
    for (size_t i = 0; i < std::min(all.size(), speakers.size()); ++i) speakers[i] = all[i].second;
    std::mt19937 random(order + static_cast<unsigned>(number));
    std::ranges::shuffle(speakers, random);
    return speakers;
  }

  SpeakerWindow window(int64_t start, const std::vector<int>& speakers) const {
    SpeakerWindow window;
    for (int i = 0; i < Networks::kFrames; ++i) {
      auto& frame = window.frames[static_cast<size_t>(i)];
      int talking = 0;
      for (size_t k = 0; k < speakers.size() && talking < 2; ++k) {
        if (speakers[k] < 0 || !talks(speakers[k], start + i)) continue;
        frame.active[k] = 255;
        ++talking;
      }
      frame.two = talking == 2 ? 255 : 0;
    }
    return window;
  }

  int who(const Excerpt& excerpt, int64_t start, const std::vector<int>& speakers) const {
    for (const int speaker : speakers) {
      if (speaker >= 0 && talks(speaker, start + (excerpt.begin + excerpt.end) / 2)) return speaker;
    }
    return -1;
  }
};

}  // namespace steno::diarize
