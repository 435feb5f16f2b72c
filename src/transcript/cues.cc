#include "transcript/cues.h"

#include <limits>
#include <utility>

#include "transcript/sentence_cues.h"
#include "transcript/text.h"

namespace steno {
namespace {

constexpr double kCuePause = 3.0;
constexpr int kNoLimit = std::numeric_limits<int>::max() / 2;

/// A cue of these words. `highlighted` is the index of the underlined one.
Cue make_cue(double start, double end, const std::vector<Word>& words, std::size_t highlighted,
             const Voice& voice) {
  Cue cue{start, end, {}, voice};
  for (std::size_t i = 0; i < words.size(); ++i) {
    cue.pieces.push_back({words[i].word, i == highlighted});
  }
  return cue;
}

}  // namespace

Voice voice_of(const Segment& segment) { return {segment.speaker, segment.channel}; }

std::unique_ptr<CueCutter> make_cue_cutter(const SubtitleOptions& options, VoiceLabel label) {
  if (options.cues == CueRule::segments) {
    return std::make_unique<SegmentCues>(options, std::move(label));
  }
  return std::make_unique<SentenceCues>(options, std::move(label));
}

void append_cues(const std::vector<Word>& words, const Voice& voice, bool highlight_words,
                 std::vector<Cue>& cues) {
  if (words.empty()) return;
  const auto none = words.size();
  double last = words.front().start;
  if (!highlight_words) {
    cues.push_back(make_cue(last, words.back().end, words, none, voice));
    return;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word.start > last) cues.push_back(make_cue(last, word.start, words, none, voice));
    cues.push_back(make_cue(word.start, word.end, words, i, voice));
    last = word.end;
  }
}

SegmentCues::SegmentCues(const SubtitleOptions& options, VoiceLabel label)
    : options_(options),
      label_(std::move(label)),
      keeps_segments_(!options.max_line_count || !options.max_line_width) {}

void SegmentCues::add(const Segment& segment, std::vector<Cue>& cues) {
  if (segment.words.empty()) {
    finish(cues);
    const std::string line = text::one_line(segment.text);
    const auto shown = text::trim(line);
    if (!shown.empty()) {
      cues.push_back(
          {segment.start, segment.end, {{std::string(shown), false}}, voice_of(segment)});
    }
    return;
  }
  const bool overlaps = !words_.empty() && segment.words.front().start < words_.back().end;
  if (voice_of(segment) != voice_ || overlaps) finish(cues);
  voice_ = voice_of(segment);
  if (is_first_) last_start_ = segment.words.front().start;
  is_first_ = false;
  const int most =
      options_.max_line_width ? kNoLimit : options_.max_words_per_line.value_or(kNoLimit);
  int count = 0;
  for (Word word : segment.words) {
    word.word = text::one_line(word.word);
    if (text::trim(word.word).empty()) continue;
    add_word(word, count++ % most == 0, cues);
  }
}

void SegmentCues::add_word(const Word& word, bool starts_part, std::vector<Cue>& cues) {
  Word shown = word;
  const int length = text::length(word.word);
  const bool is_after_pause = !keeps_segments_ && word.start - last_start_ > kCuePause;
  const bool has_room = line_length_ + length <= options_.max_line_width.value_or(kNoLimit);
  const bool ends_part = starts_part && !words_.empty() && keeps_segments_;
  if (line_length_ > 0 && has_room && !is_after_pause && !ends_part) {
    line_length_ += length;
  } else {
    shown.word = text::trim(word.word);
    const bool is_full = options_.max_line_count && options_.max_line_width &&
                         (is_after_pause || lines_ >= *options_.max_line_count);
    line_length_ = text::length(shown.word);
    if (!words_.empty() && (is_full || ends_part)) {
      append_cues(words_, voice_, options_.highlight_words, cues);
      words_.clear();
      lines_ = 1;
    } else if (!words_.empty()) {
      ++lines_;
      shown.word = "\n" + shown.word;
    }
  }
  if (words_.empty()) line_length_ += label_length();
  words_.push_back(std::move(shown));
  last_start_ = word.start;
}

int SegmentCues::label_length() const { return text::length(label_(voice_)); }

void SegmentCues::finish(std::vector<Cue>& cues) {
  append_cues(words_, voice_, options_.highlight_words, cues);
  words_.clear();
  line_length_ = 0;
  lines_ = 1;
}

}  // namespace steno
