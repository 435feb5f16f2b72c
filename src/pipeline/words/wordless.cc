#include "pipeline/words/wordless.h"

#include <algorithm>
#include <cmath>

#include "base/position.h"

namespace steno {
namespace {

constexpr int64_t kStep = vad::kSampleRate / 2;
constexpr double kStepSeconds = 0.5;
/// Sound below this level, in dBFS, is silence.
constexpr int kSilence = -80;
/// In a recording with words, sound that is this much below them, in dB, is background.
constexpr int kBackground = 20;
/// Shorter speech without words, in seconds, is a cough or a breath.
constexpr double kLeastSpeech = 1;
/// The same for sound that is not recognised as speech, in a recording with words.
constexpr double kLeastSound = 5;
/// Parts closer than this, in seconds, are named as one.
constexpr double kJoined = 1;
constexpr size_t kMostNamed = 20;

std::vector<TimeRange> joined(const std::vector<TimeRange>& ranges, double least) {
  std::vector<TimeRange> result;
  for (const TimeRange& range : ranges) {
    if (!result.empty() && range.begin - result.back().end < kJoined) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  std::erase_if(result, [&](const TimeRange& range) { return range.end - range.begin < least; });
  return result;
}

bool overlaps(const std::vector<TimeRange>& ranges, double begin, double end) {
  const auto later = std::partition_point(ranges.begin(), ranges.end(),
                                          [&](const TimeRange& r) { return r.end <= begin; });
  return later != ranges.end() && later->begin < end;
}

std::string list(const std::vector<TimeRange>& ranges) {
  std::string text;
  for (size_t i = 0; i < std::min(ranges.size(), kMostNamed); ++i) {
    text += (i > 0 ? ", " : "") + position_text(ranges[i].begin) + " to " +
            position_text(ranges[i].end);
  }
  if (ranges.size() > kMostNamed) {
    text += " and " + std::to_string(ranges.size() - kMostNamed) + " more";
  }
  return text;
}

}  // namespace

WordlessSound::WordlessSound(int channels, std::vector<Clip> clips)
    : clips_(std::move(clips)), channels_(static_cast<size_t>(channels)) {}

void WordlessSound::push(int channel, std::span<const float> samples) {
  Channel& to = channels_[static_cast<size_t>(channel)];
  for (const float sample : samples) {
    if (std::isfinite(sample)) {
      to.sum += sample;
      to.squares += double{sample} * sample;
    }
    if (++to.count < kStep) continue;
    const double mean = to.sum / kStep;
    const double power = std::max(to.squares / kStep - mean * mean, 1e-12);
    to.levels.push_back(static_cast<int8_t>(std::lround(std::min(10 * std::log10(power), 0.0))));
    to.sum = to.squares = 0;
    to.count = 0;
  }
}

void WordlessSound::add_words(int channel, std::span<const TimeRange> ranges) {
  auto& words = channels_[static_cast<size_t>(channel)].words;
  for (const TimeRange& range : ranges) {
    if (!words.empty() && range.begin <= words.back().end) {
      words.back().end = std::max(words.back().end, range.end);
    } else {
      words.push_back(range);
    }
  }
}

void WordlessSound::add_wordless(int channel, std::span<const TimeRange> ranges) {
  auto& speech = channels_[static_cast<size_t>(channel)].speech;
  speech.insert(speech.end(), ranges.begin(), ranges.end());
}

bool WordlessSound::has_words() const {
  return std::ranges::any_of(channels_, [](const Channel& c) { return !c.words.empty(); });
}

bool WordlessSound::is_chosen(double seconds) const {
  const auto sample = static_cast<int64_t>(seconds * vad::kSampleRate);
  return std::ranges::any_of(
      clips_, [&](const Clip& clip) { return sample >= clip.first && sample < clip.second; });
}

/// The level below which a step counts as silence or background.
int WordlessSound::least_level(const Channel& channel) const {
  std::vector<int8_t> levels;
  for (size_t i = 0; i < channel.levels.size(); ++i) {
    const double begin = static_cast<double>(i) * kStepSeconds;
    if (overlaps(channel.words, begin, begin + kStepSeconds)) levels.push_back(channel.levels[i]);
  }
  if (levels.empty()) return kSilence;
  const auto median = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() / 2);
  std::nth_element(levels.begin(), median, levels.end());
  return std::max(kSilence, *median - kBackground);
}

/// Sound outside of all words and outside of the speech that is named already.
std::vector<TimeRange> WordlessSound::other_sound(const Channel& channel) const {
  const int least = least_level(channel);
  std::vector<TimeRange> sound;
  for (size_t i = 0; i < channel.levels.size(); ++i) {
    const double begin = static_cast<double>(i) * kStepSeconds;
    const double end = begin + kStepSeconds;
    if (channel.levels[i] < least || !is_chosen(begin)) continue;
    if (overlaps(channel.words, begin, end) || overlaps(channel.speech, begin, end)) continue;
    sound.push_back({begin, end});
  }
  return joined(sound, has_words() ? kLeastSound : 0);
}

std::vector<std::string> WordlessSound::warnings(const std::string& name) const {
  std::vector<std::string> lines;
  const std::string prefix = name.empty() ? "" : name + ": ";
  for (size_t i = 0; i < channels_.size(); ++i) {
    const std::string where =
        channels_.size() > 1 ? " on channel " + std::to_string(i) + ", " : ", ";
    const auto speech = joined(channels_[i].speech, has_words() ? kLeastSpeech : 0);
    if (!speech.empty()) lines.push_back(prefix + "speech without words" + where + list(speech));
    const auto sound = other_sound(channels_[i]);
    if (sound.empty()) continue;
    lines.push_back(prefix + "sound without words, not recognised as speech" + where + list(sound));
  }
  return lines;
}

}  // namespace steno
