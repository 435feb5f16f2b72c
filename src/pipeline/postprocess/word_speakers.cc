// Problem: turns and word times are inexact, so single words at the border of two turns often get
// the wrong speaker. Idea: measure how long each speaker is active during each word. Unambiguous
// words vote for the speakers of their sentence, and the votes decide ambiguous words. A short run
// of words at the border of a sentence then joins its neighbour, because people rarely change
// speakers within a sentence.
#include "pipeline/postprocess/word_speakers.h"

#include <algorithm>
#include <cstddef>

#include "transcript/sentences.h"

namespace steno::postprocess {
namespace {

// A speaker with this fraction of the most active speaker's time is equally plausible.
constexpr double kRival = 0.5;
constexpr double kReach = 1.0;      // seconds to the nearest turn that a word may belong to
constexpr double kShortest = 0.02;  // seconds; shorter words are widened to this length
// Several words shorter than this in total count as one. Scripts without spaces have words of
// single characters.
constexpr double kBriefSeconds = 0.3;

/// The time that each speaker is active during one word.
struct ActiveTimes {
  std::vector<double> seconds;  // active time by speaker
  double most = 0;

  bool is_candidate(int speaker) const {
    return most > 0 && seconds[static_cast<std::size_t>(speaker)] >= kRival * most;
  }
  int candidates() const {
    int count = 0;
    for (std::size_t i = 0; i < seconds.size(); ++i) count += is_candidate(static_cast<int>(i));
    return count;
  }
};

/// Consecutive words of one speaker within a sentence.
struct Run {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class WordSpeakers {
 public:
  WordSpeakers(std::span<const Word> words, const Activity& activity)
      : words_(words), activity_(activity), speakers_(words.size(), kNobody) {
    for (const Word& word : words) {
      ActiveTimes times;
      times.seconds = activity.during(word.start, std::max(word.end, word.start + kShortest));
      times.most = times.seconds.empty() ? 0 : std::ranges::max(times.seconds);
      active_times_.push_back(std::move(times));
    }
  }

  std::vector<int> find() {
    std::vector<Run> sentences;
    for (std::size_t begin = 0; begin < words_.size();) {
      std::size_t end = begin + 1;
      while (end < words_.size() &&
             boundary_after(words_[end - 1], &words_[end]) != Boundary::sentence) {
        ++end;
      }
      sentences.push_back({begin, end});
      begin = end;
    }
    for (const Run& sentence : sentences) choose(sentence);
    for (const Run& sentence : sentences) mend_seams(sentence);
    return std::move(speakers_);
  }

 private:
  void choose(const Run& sentence) {
    const std::vector<double> votes = votes_of(sentence);
    const int main = votes.empty() || std::ranges::max(votes) <= 0
                         ? kNobody
                         : static_cast<int>(std::ranges::max_element(votes) - votes.begin());
    for (std::size_t i = sentence.begin; i < sentence.end; ++i) {
      speakers_[i] =
          active_times_[i].most > 0 ? best_candidate(active_times_[i], votes) : nearest(i, main);
    }
  }

  /// Each speaker's part of the sentence, counted over the unambiguous words if there are any.
  std::vector<double> votes_of(const Run& sentence) const {
    std::vector<double> certain(activity_.speakers(), 0);
    std::vector<double> all(activity_.speakers(), 0);
    for (std::size_t i = sentence.begin; i < sentence.end; ++i) {
      const bool is_certain = active_times_[i].candidates() == 1;
      for (std::size_t speaker = 0; speaker < all.size(); ++speaker) {
        all[speaker] += active_times_[i].seconds[speaker];
        if (is_certain) certain[speaker] += active_times_[i].seconds[speaker];
      }
    }
    const bool has_certain = std::ranges::any_of(certain, [](double sum) { return sum > 0; });
    return has_certain ? certain : all;
  }

  static int best_candidate(const ActiveTimes& times, const std::vector<double>& votes) {
    int best = kNobody;
    const auto is_better = [&](std::size_t speaker) {
      if (best == kNobody) return true;
      const auto other = static_cast<std::size_t>(best);
      if (votes[speaker] != votes[other]) return votes[speaker] > votes[other];
      return times.seconds[speaker] > times.seconds[other];
    };
    for (std::size_t speaker = 0; speaker < votes.size(); ++speaker) {
      if (times.is_candidate(static_cast<int>(speaker)) && is_better(speaker)) {
        best = static_cast<int>(speaker);
      }
    }
    return best;
  }

  int nearest(std::size_t word, int otherwise) const {
    return activity_.nearest(words_[word].start, words_[word].end, kReach).value_or(otherwise);
  }

  /// The words from `at` to at most `end` that have the same speaker.
  Run run_from(std::size_t at, std::size_t end) const {
    Run run{at, at};
    while (run.end < end && speakers_[run.end] == speakers_[at]) ++run.end;
    return run;
  }

  Run run_before(std::size_t at, std::size_t begin) const {
    Run run{at, at};
    while (run.begin > begin && speakers_[run.begin - 1] == speakers_[at - 1]) --run.begin;
    return run;
  }

  bool is_brief(const Run& run) const {
    return run.end - run.begin == 1 ||
           words_[run.end - 1].end - words_[run.begin].start <= kBriefSeconds;
  }

  void mend_seams(const Run& sentence) {
    const Run first = run_from(sentence.begin, sentence.end);
    if (first.end == sentence.end) return;
    const bool comes_from_before =
        sentence.begin == 0 || speakers_[sentence.begin - 1] == speakers_[first.begin];
    if (comes_from_before && is_brief(first) && !is_brief(run_from(first.end, sentence.end))) {
      give(first, speakers_[first.end]);
    }
    const Run last = run_before(sentence.end, sentence.begin);
    if (last.begin == sentence.begin) return;
    const bool goes_on_behind =
        sentence.end == words_.size() || speakers_[sentence.end] == speakers_[last.begin];
    if (goes_on_behind && is_brief(last) && !is_brief(run_before(last.begin, sentence.begin))) {
      give(last, speakers_[last.begin - 1]);
    }
  }

  void give(const Run& run, int speaker) {
    for (std::size_t i = run.begin; i < run.end; ++i) speakers_[i] = speaker;
  }

  std::span<const Word> words_;
  const Activity& activity_;
  std::vector<ActiveTimes> active_times_;
  std::vector<int> speakers_;
};

}  // namespace

std::vector<int> speakers_of(std::span<const Word> words, const Activity& activity) {
  return WordSpeakers(words, activity).find();
}

}  // namespace steno::postprocess
