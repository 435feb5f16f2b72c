#include "pipeline/asr/hallucination.h"

#include <algorithm>
#include <string_view>

namespace steno::asr {
namespace {

constexpr std::string_view kPunctuation = "\"'“¿([{-\"'.。,，!！?？:：”)]}、";
constexpr size_t kWordsLookedAt = 8;
constexpr double kNearEdge = 2;  // seconds

double anomaly(const Word& word) {
  const double duration = word.end - word.start;
  double score = word.probability < 0.15 ? 1 : 0;
  if (duration < 0.133) score += (0.133 - duration) * 15;
  if (duration > 2) score += duration - 2;
  return score;
}

using Iterator = std::vector<Segment>::iterator;

Iterator next_with_words(Iterator from, Iterator end) {
  return std::find_if(from, end, [](const Segment& s) { return !s.words.empty(); });
}

}  // namespace

bool looks_hallucinated(const Segment& segment) {
  double score = 0;
  size_t count = 0;
  for (const Word& word : segment.words) {
    if (kPunctuation.find(word.word) != std::string_view::npos) continue;
    if (count == kWordsLookedAt) break;
    score += anomaly(word);
    ++count;
  }
  if (segment.words.empty()) return false;
  return score >= 3 || score + 0.01 >= static_cast<double>(count);
}

std::optional<double> drop_hallucinations(std::vector<Segment>& segments, const TimedWindow& window,
                                          double threshold) {
  const auto first = next_with_words(segments.begin(), segments.end());
  if (first != segments.end() && looks_hallucinated(*first)) {
    const double gap = first->start - window.begin;
    if (gap > threshold) {
      // There is silence at the window's start: the next window begins at its end.
      segments.clear();
      return window.begin + gap;
    }
  }
  double last_end = window.last_speech;
  for (auto at = segments.begin(); at != segments.end(); ++at) {
    if (at->words.empty()) continue;
    if (looks_hallucinated(*at)) {
      const auto next = next_with_words(at + 1, segments.end());
      const bool has_next = next != segments.end();
      const double next_start = has_next ? next->words[0].start : window.begin + window.duration;
      const bool silent_before = at->start - last_end > threshold || at->start < threshold ||
                                 at->start - window.begin < kNearEdge;
      const bool silent_after = next_start - at->end > threshold ||
                                (has_next && looks_hallucinated(*next)) ||
                                window.longest_end - at->end < kNearEdge;
      if (silent_before && silent_after) {
        const double recording_end = window.begin + window.audio_left;
        const bool at_the_end = recording_end - at->end < threshold;
        const double seek = at_the_end ? recording_end : std::max(window.begin + 1, at->start);
        segments.erase(at, segments.end());
        return seek;
      }
    }
    last_end = at->end;
  }
  return std::nullopt;
}

}  // namespace steno::asr
