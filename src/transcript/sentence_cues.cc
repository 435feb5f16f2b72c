// Problem: a subtitle should break where a sentence or clause ends, fill its lines evenly, and stay
// long enough to be read; these goals conflict. Idea: give each cut and each short or hasty cue a
// cost, and find the cuts with the lowest total cost by dynamic programming over the words between
// two pauses. Words of a longer pause or another voice never share a cue, so each passage is solved
// alone.
#include "transcript/sentence_cues.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "transcript/sentences.h"
#include "transcript/text.h"

namespace steno {
namespace {

constexpr int kLineWidth = 42;
constexpr int kLineWidthSpaceless = 21;
constexpr int kLines = 2;
constexpr double kReadingSpeed = 20;  // characters per second
constexpr double kShortestTime = 1;   // preferred shortest time of a cue, in seconds
constexpr double kLongestTime = 7;
constexpr double kPause = 0.7;        // seconds; a sentence before such a pause ends its cue
constexpr double kShortPause = 0.25;  // seconds; a cut inside a sentence is possible there
// words in one passage, so that speech without punctuation ends too
constexpr std::size_t kMostWords = 240;
constexpr double kNever = 1e9;

// The costs of a cut, in the same unit as the squares of missing lengths.
constexpr double kInsideSentence = 1.0;
constexpr double kInsideClause = 2.5;
constexpr double kWithoutPause = 1.0;
constexpr double kCue = 0.4;  // cost of each cue, which favours few cues
constexpr double kTooFast = 2.0;
constexpr double kTooLong = 3.0;

bool has_spaceless(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text::is_spaceless(text::next_code_point(text, at))) return true;
  }
  return false;
}

}  // namespace

SentenceCues::SentenceCues(const SubtitleOptions& options, VoiceLabel label)
    : options_(options), label_(std::move(label)), lengths_{0} {}

void SentenceCues::add(const Segment& segment, std::vector<Cue>& cues) {
  const bool overlaps =
      !words_.empty() && !segment.words.empty() && segment.words.front().start < words_.back().end;
  if (voice_of(segment) != voice_ || overlaps || segment.words.empty()) cut_passage(cues);
  voice_ = voice_of(segment);
  if (segment.words.empty()) {
    const std::string line = text::one_line(segment.text);
    const auto shown = text::trim(line);
    if (shown.empty()) return;
    release(segment.start, cues);
    cues.push_back({segment.start, segment.end, {{std::string(shown), false}}, voice_});
    return;
  }
  for (Word word : segment.words) {
    word.word = text::one_line(word.word);
    if (text::trim(word.word).empty()) continue;
    if (!words_.empty()) {
      const Word& last = words_.back();
      const bool ends = boundary_after(last, &word) == Boundary::sentence;
      const bool is_enough = lengths_.back() >= room(1) || word.start - last.end >= kPause;
      if ((ends && is_enough) || words_.size() >= kMostWords) cut_passage(cues);
    }
    is_spaceless_ = is_spaceless_ || has_spaceless(word.word);
    lengths_.push_back(lengths_.back() + text::length(word.word));
    words_.push_back(std::move(word));
  }
}

void SentenceCues::finish(std::vector<Cue>& cues) {
  cut_passage(cues);
  release(kNever, cues);
}

void SentenceCues::cut_passage(std::vector<Cue>& cues) {
  if (words_.empty()) return;
  for (const Part& part : parts()) show(part, cues);
  words_.clear();
  lengths_ = {0};
  is_spaceless_ = false;
}

// The cuts with the lowest total cost, by dynamic programming: best[i] is the cost of the words
// before i.
std::vector<SentenceCues::Part> SentenceCues::parts() const {
  std::vector<double> best(words_.size() + 1, std::numeric_limits<double>::infinity());
  std::vector<std::size_t> from(words_.size() + 1, 0);
  best[0] = 0;
  for (std::size_t begin = 0; begin < words_.size(); ++begin) {
    for (std::size_t end = begin + 1; end <= words_.size(); ++end) {
      const Part part{begin, end};
      if (end > begin + 1 && !fits(part)) break;
      const double total = best[begin] + cost(part);
      if (total >= best[end]) continue;
      best[end] = total;
      from[end] = begin;
    }
  }
  std::vector<Part> parts;
  for (std::size_t end = words_.size(); end > 0; end = from[end]) parts.push_back({from[end], end});
  std::ranges::reverse(parts);
  return parts;
}

double SentenceCues::cost(const Part& part) const {
  const int characters = length(part);
  const double full = room(0);
  const double time = words_[part.end - 1].end - words_[part.begin].start;
  const double until =
      part.end < words_.size() ? words_[part.end].start : words_[part.end - 1].end + kShortestTime;
  double sum = kCue + break_cost(part.end);
  if (characters < full / 2) {  // very short cues flicker
    const double missing = 1 - characters / (full / 2);
    sum += missing * missing;
  }
  if (characters > kReadingSpeed * (until - words_[part.begin].start)) sum += kTooFast;
  if (time > kLongestTime) sum += kTooLong * (time - kLongestTime);
  return sum;
}

/// Whether the words fit on the lines of one cue.
bool SentenceCues::fits(const Part& part) const {
  if (options_.max_words_per_line &&
      part.end - part.begin > static_cast<std::size_t>(*options_.max_words_per_line)) {
    return false;
  }
  return line_starts(part).size() <=
         static_cast<std::size_t>(options_.max_line_count.value_or(kLines));
}

/// The cost of a cut before that word.
double SentenceCues::break_cost(std::size_t word) const {
  if (word == words_.size()) return 0;
  const Boundary boundary = boundary_after(words_[word - 1], &words_[word]);
  if (boundary == Boundary::sentence) return 0;
  const bool pauses = words_[word].start - words_[word - 1].end >= kShortPause;
  return (boundary == Boundary::clause ? kInsideSentence : kInsideClause) +
         (pauses ? 0 : kWithoutPause);
}

/// The words that begin a line if each line is filled. A word that is longer than a line gets its
/// own.
std::vector<std::size_t> SentenceCues::line_starts(const Part& part) const {
  std::vector<std::size_t> starts = {part.begin};
  for (std::size_t i = part.begin + 1; i < part.end; ++i) {
    if (length({starts.back(), i + 1}) > room(starts.size() - 1)) starts.push_back(i);
  }
  return starts;
}

int SentenceCues::room(std::size_t line) const {
  const int width =
      options_.max_line_width.value_or(is_spaceless_ ? kLineWidthSpaceless : kLineWidth);
  return line == 0 ? width - text::length(label_(voice_)) : width;
}

int SentenceCues::length(const Part& part) const {
  const int leading = words_[part.begin].word.starts_with(' ') ? 1 : 0;
  return lengths_[part.end] - lengths_[part.begin] - leading;
}

void SentenceCues::show(const Part& part, std::vector<Cue>& cues) {
  std::vector<std::size_t> starts = line_starts(part);
  // Two lines of similar length, with a preference for breaks at punctuation.
  if (starts.size() == 2) {
    double least = kNever;
    for (std::size_t i = part.begin + 1; i < part.end; ++i) {
      const int first = length({part.begin, i});
      const int second = length({i, part.end});
      const bool has_room = first <= room(0) && second <= room(1);
      if (!has_room && i != starts[1]) continue;
      const double difference = static_cast<double>(first - second) / room(1);
      const double sum = difference * difference + break_cost(i) / (2 * kInsideClause);
      if (sum >= least) continue;
      least = sum;
      starts.back() = i;
    }
  }
  std::vector<Word> shown(words_.begin() + static_cast<std::ptrdiff_t>(part.begin),
                          words_.begin() + static_cast<std::ptrdiff_t>(part.end));
  for (const std::size_t start : starts) {
    std::string& word = shown[start - part.begin].word;
    word = (start == part.begin ? "" : "\n") + std::string(text::trim(word));
  }
  release(shown.front().start, cues);
  append_cues(shown, voice_, options_.highlight_words, held_);
}

void SentenceCues::release(double next_start, std::vector<Cue>& cues) {
  if (held_.empty()) return;
  Cue& last = held_.back();
  int characters = 0;
  for (const auto& piece : last.pieces) characters += text::length(piece.word);
  const double wanted = held_.front().start + std::max(kShortestTime, characters / kReadingSpeed);
  last.end = std::max(last.end, std::min(wanted, next_start));
  std::ranges::move(held_, std::back_inserter(cues));
  held_.clear();
}

}  // namespace steno
