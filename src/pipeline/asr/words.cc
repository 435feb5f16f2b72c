#include "pipeline/asr/words.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pipeline/asr/segments.h"
#include "pipeline/asr/token_text.h"

namespace steno::asr {
namespace {

constexpr double kLongestMedian = 0.7;
constexpr double kSegmentTrust = 0.5;  // if the words differ by more, the segment's time is used
constexpr std::string_view kSentenceEnds = ".。!！?？";

/// As Python's `part in whole`: an empty part is in every string.
bool contains(std::string_view whole, std::string_view part) {
  return whole.find(part) != std::string_view::npos;
}

double rounded(double seconds) { return std::round(seconds * 100) / 100; }

/// The start of each text token, and of <|endoftext|> after them, in seconds.
std::vector<double> begin_times(const Alignment& alignment) {
  std::vector<double> times;
  int last = -1;
  for (const auto& [token, frame] : alignment.path) {
    if (token != last) times.push_back(frame * kTimestampStep);
    last = token;
  }
  return times;
}

/// Removes the words of one segment from the front of `words`. Drops words that merging punctuation
/// has emptied.
std::vector<Word> take_words(std::span<const TimedWord>& words, size_t tokens, double begin) {
  std::vector<Word> taken;
  size_t used = 0;
  while (!words.empty() && used < tokens) {
    const TimedWord& word = words.front();
    if (!word.text.empty()) {
      taken.push_back(
          {rounded(begin + word.start), rounded(begin + word.end), word.text, word.probability});
    }
    used += word.tokens;
    words = words.subspan(1);
  }
  return taken;
}

/// Shortens the first two words after a pause to the usual length.
void shorten_after_pause(std::vector<Word>& words, const WordDurations& durations,
                         double last_speech) {
  Word& first = words[0];
  if (first.end - last_speech <= durations.median * 4) return;
  const bool second_is_late = words.size() > 1 && words[1].end - first.start > durations.max * 2;
  if (first.end - first.start <= durations.max && !second_is_late) return;
  if (words.size() > 1 && words[1].end - words[1].start > durations.max) {
    first.end = words[1].start = std::max(words[1].end / 2, words[1].end - durations.max);
  }
  first.start = std::max(0.0, first.end - durations.max);
}

/// If the segment's own times differ much from its words' times, the segment's times are used.
void agree(Segment& segment, const WordDurations& durations) {
  Word& first = segment.words.front();
  if (segment.start < first.end && segment.start - kSegmentTrust > first.start) {
    first.start = std::max(0.0, std::min(first.end - durations.median, segment.start));
  }
  segment.start = first.start;
  Word& last = segment.words.back();
  if (segment.end > last.start && segment.end + kSegmentTrust < last.end) {
    last.end = std::max(last.start + durations.median, segment.end);
  }
  segment.end = last.end;
}

/// Puts words in order and inside the window. `floor` is the end of the previous word.
void settle(Segment& segment, double end, double& floor) {
  for (Word& word : segment.words) {
    word.start = std::clamp(rounded(word.start), std::min(floor, end), end);
    word.end = std::clamp(rounded(word.end), word.start, end);
    floor = word.end;
  }
  segment.start = segment.words.front().start;
  segment.end = segment.words.back().end;
}

}  // namespace

std::vector<TimedWord> time_words(const WordTokens& split, const Alignment& alignment) {
  const auto times = begin_times(alignment);
  if (times.empty()) return {};
  const auto time_at = [&](size_t token) { return times[std::min(token, times.size() - 1)]; };
  const auto& probabilities = alignment.token_probabilities;
  std::vector<TimedWord> words;
  size_t token = 0;
  for (size_t i = 0; i < split.words.size(); ++i) {
    const size_t count = split.tokens[i].size();
    TimedWord word{split.words[i], count, time_at(token), time_at(token + count), 0};
    const auto from = probabilities.begin() + std::min(token, probabilities.size());
    const auto to = probabilities.begin() + std::min(token + count, probabilities.size());
    if (from != to) word.probability = std::accumulate(from, to, 0.0) / (to - from);
    words.push_back(std::move(word));
    token += count;
  }
  return words;
}

WordDurations measure(std::span<const TimedWord> words) {
  std::vector<double> lengths;
  for (const auto& word : words) {
    if (word.end != word.start) lengths.push_back(word.end - word.start);
  }
  if (lengths.empty()) return {};
  std::sort(lengths.begin(), lengths.end());
  const size_t half = lengths.size() / 2;
  const double median =
      lengths.size() % 2 == 1 ? lengths[half] : (lengths[half - 1] + lengths[half]) / 2;
  const double usual = std::min(kLongestMedian, median);
  return {usual, usual * 2};
}

void shorten_at_sentence_ends(std::span<TimedWord> words, const WordDurations& durations) {
  if (durations.median == 0) return;
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i].end - words[i].start <= durations.max) continue;
    if (contains(kSentenceEnds, words[i].text)) {
      words[i].end = words[i].start + durations.max;
    } else if (contains(kSentenceEnds, words[i - 1].text)) {
      words[i].start = words[i].end - durations.max;
    }
  }
}

void merge_punctuation(std::span<TimedWord> words, const Punctuation& punctuation) {
  const auto move_into = [](TimedWord& from, TimedWord& to, std::string text) {
    to.text = std::move(text);
    to.tokens += from.tokens;
    from.text.clear();
    from.tokens = 0;
  };
  for (size_t i = words.size(), next = words.size(); i-- > 0;) {
    if (next < words.size() && words[i].text.starts_with(' ') &&
        contains(punctuation.prepended, strip(words[i].text))) {
      move_into(words[i], words[next], words[i].text + words[next].text);
    } else {
      next = i;
    }
  }
  for (size_t last = 0, i = 1; i < words.size(); ++i) {
    if (!words[last].text.ends_with(' ') && contains(punctuation.appended, words[i].text)) {
      move_into(words[i], words[last], words[last].text + words[i].text);
    } else {
      last = i;
    }
  }
}

void add_word_times(std::span<Segment> segments, std::vector<TimedWord> words, int text_end,
                    const Punctuation& punctuation, double begin, double end, double last_speech) {
  const WordDurations durations = measure(words);
  shorten_at_sentence_ends(words, durations);
  merge_punctuation(words, punctuation);
  std::span<const TimedWord> left = words;
  double floor = begin;
  for (Segment& segment : segments) {
    const auto tokens = std::count_if(segment.tokens.begin(), segment.tokens.end(),
                                      [&](int id) { return id < text_end; });
    segment.words = take_words(left, static_cast<size_t>(tokens), begin);
    if (segment.words.empty()) continue;
    shorten_after_pause(segment.words, durations, last_speech);
    agree(segment, durations);
    settle(segment, end, floor);
    last_speech = segment.end;
  }
}

}  // namespace steno::asr
