#include "pipeline/postprocess/passages.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "transcript/sentences.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

constexpr double kUtterancePause = 0.8;
constexpr double kParagraphPause = 2.0;
constexpr double kShortPause = 0.5;  // starts a new paragraph if the current one is long
constexpr std::size_t kSomeSentences = 4;
constexpr std::size_t kMostSentences = 10;
// Characters after which a sentence without punctuation ends at a short pause, and anywhere.
constexpr int kLongSentence = 300;
constexpr int kLongestSentence = 800;

/// A word and its speaker.
struct SpokenWord {
  Word word;
  const Segment* segment = nullptr;
};

/// Groups the words of one channel into sentences.
class SentenceBuilder {
 public:
  explicit SentenceBuilder(std::vector<Passage>& sentences) : sentences_(sentences) {}

  void add(const SpokenWord& spoken, const SpokenWord* next) {
    if (length_ == 0) {
      open_ = {spoken.word.start,
               spoken.word.end,
               spoken.segment->speaker,
               spoken.segment->channel,
               {{spoken.word.start, spoken.word.end, ""}}};
    }
    Sentence& sentence = open_.sentences.front();
    sentence.text += spoken.word.word;
    sentence.end = open_.end = std::max(open_.end, spoken.word.end);
    length_ += text::length(spoken.word.word);
    if (ends_after(spoken, next)) finish();
  }

  void finish() {
    std::string& text = open_.sentences.front().text;
    text = text::trim(text);
    if (!text.empty()) sentences_.push_back(std::move(open_));
    length_ = 0;
  }

 private:
  bool ends_after(const SpokenWord& spoken, const SpokenWord* next) const {
    if (next == nullptr || next->segment->speaker != spoken.segment->speaker) return true;
    const Boundary boundary = boundary_after(spoken.word, &next->word);
    if (boundary == Boundary::sentence) return true;
    const bool pauses =
        boundary == Boundary::clause || next->word.start - spoken.word.end >= kShortPause;
    return (length_ >= kLongSentence && pauses) || length_ >= kLongestSentence;
  }

  std::vector<Passage>& sentences_;
  Passage open_;
  int length_ = 0;
};

/// Joins sentences while `goes_on(passage, next sentence)` is true.
template <class Predicate>
std::vector<Passage> joined_sentences(std::vector<Passage> sentences, const Predicate& goes_on) {
  std::vector<Passage> passages;
  for (Passage& next : sentences) {
    const bool joins = !passages.empty() && passages.back().speaker == next.speaker &&
                       passages.back().channel == next.channel && goes_on(passages.back(), next);
    if (!joins) {
      passages.push_back(std::move(next));
      continue;
    }
    Passage& last = passages.back();
    last.end = std::max(last.end, next.end);
    last.sentences.push_back(std::move(next.sentences.front()));
  }
  return passages;
}

}  // namespace

std::vector<Passage> sentences_of(const Transcript& transcript) {
  std::map<int, std::vector<SpokenWord>> by_channel;
  for (const Segment& segment : transcript.segments) {
    for (Word& word : words_of(segment)) {
      by_channel[segment.channel.value_or(-1)].push_back({std::move(word), &segment});
    }
  }
  std::vector<Passage> sentences;
  for (const auto& [channel, spoken] : by_channel) {
    SentenceBuilder builder(sentences);
    for (std::size_t i = 0; i < spoken.size(); ++i) {
      builder.add(spoken[i], i + 1 < spoken.size() ? &spoken[i + 1] : nullptr);
    }
  }
  std::ranges::stable_sort(sentences, {}, &Passage::start);
  return sentences;
}

std::vector<Passage> utterances_of(const Transcript& transcript) {
  return joined_sentences(sentences_of(transcript),
                          [](const Passage& passage, const Passage& next) {
                            return next.start - passage.end < kUtterancePause;
                          });
}

std::vector<Passage> paragraphs_of(const Transcript& transcript) {
  return joined_sentences(sentences_of(transcript),
                          [](const Passage& passage, const Passage& next) {
                            const double pause = next.start - passage.end;
                            const std::size_t count = passage.sentences.size();
                            return pause < kParagraphPause && count < kMostSentences &&
                                   (count < kSomeSentences || pause < kShortPause);
                          });
}

}  // namespace steno::postprocess
