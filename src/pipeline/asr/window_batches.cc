// Problem: the decoder of one window can loop, miss speech or score badly, and a batch must not
// wait for its worst window. Idea: all windows of a call pass through each step together (encode,
// search, align). Windows that fail a check return to an earlier step alone: with more silence, at
// a higher temperature, as two halves, or as the parts that have no words. A result never depends
// on which windows share the batch.
#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/asr/alignment.h"
#include "pipeline/asr/asr.h"
#include "pipeline/asr/loops.h"
#include "pipeline/asr/missed.h"
#include "pipeline/asr/pieces.h"
#include "pipeline/asr/search.h"
#include "pipeline/asr/segments.h"
#include "pipeline/asr/spoken_languages.h"
#include "pipeline/asr/token_text.h"
#include "pipeline/asr/words.h"

namespace steno::asr {
namespace {

// A window is halved at most twice: 30 s become pieces of 7.5 s.
constexpr int kMaxHalvings = 2;
// Speech whose text repeats itself is halved further: the pieces show how often it was said.
constexpr int kMaxHalvingsOfLoops = 4;

// Windows without voice activity detection: text with this many characters a second, or a window
// up to this long, has no wordless part worth finding.
constexpr double kDenseText = 10;
constexpr double kLeastSparseSeconds = 5;

void shift(Segment& segment, double seconds) {
  segment.start += seconds;
  segment.end += seconds;
  for (Word& word : segment.words) {
    word.start += seconds;
    word.end += seconds;
  }
}

/// Windows of one language each. All windows pass through each step together.
class Batch {
 public:
  Batch(SpeechModel& model, std::span<const WindowRequest> requests,
        const TranscribeOptions& options, std::stop_token stop, int depth)
      : model_(model),
        requests_(requests),
        options_(options),
        stop_(std::move(stop)),
        depth_(depth),
        results_(requests.size()) {
    for (size_t i = 0; i < results_.size(); ++i) {
      results_[i].language = model.info().multilingual ? requests[i].language : "en";
    }
  }

  std::vector<WindowResult> run() {
    encode();
    build_prompts();
    if (stop_.stop_requested()) return std::move(results_);
    found_ = search_windows(model_, windows_, options_, stop_);
    for (size_t i = 0; i < windows_.size() && !stop_.stop_requested(); ++i) finish(i);
    if (!stop_.stop_requested()) add_words();
    for (size_t i = 0; i < windows_.size() && !stop_.stop_requested(); ++i) add_missed(i);
    for (size_t i = 0; i < windows_.size(); ++i) note_wordless(i);
    for (auto& result : results_) {
      if (options_.word_timestamps) continue;
      for (Segment& segment : result.segments) segment.words.clear();
    }
    return std::move(results_);
  }

 private:
  void encode() {
    std::vector<SearchWindow*> pointers;
    for (size_t i = 0; i < requests_.size(); ++i) {
      windows_.push_back(make_window(model_, requests_[i].samples));
      windows_[i].is_divisible = is_speech(i) && depth_ < kMaxHalvingsOfLoops &&
                                 windows_[i].seconds >= 2 * kLeastPieceSeconds;
    }
    for (auto& window : windows_) pointers.push_back(&window);
    encode_windows(model_, pointers, Padding::usual);
  }

  bool without_timestamps() const { return options_.without_timestamps.value_or(true); }

  void build_prompts() {
    const auto initial = encode_initial_prompt(model_.tokenizer(), options_);
    for (size_t i = 0; i < windows_.size(); ++i) {
      const std::string_view prefix = requests_[i].first ? options_.prefix : std::string_view();
      windows_[i].prompt = build_prompt(model_.tokenizer(), options_, results_[i].language, initial,
                                        prefix, without_timestamps());
    }
  }

  /// Voice activity detection found speech throughout, and all of its text is wanted.
  bool is_speech(size_t i) const { return requests_[i].all_speech && !options_.max_new_tokens; }

  /// Builds the segments of window i from its search result or its pieces.
  void finish(size_t i) {
    Found& found = found_[i];
    // Text that repeats itself is no sign of silence if there is speech.
    if (found.verdict.no_speech && !(found.verdict.repeats && is_speech(i))) return;
    if ((found.truncated || found.verdict.repeats) && divide(i)) return;
    if (found.verdict.no_speech) return;
    const auto& tokenizer = model_.tokenizer();
    if (found.verdict.repeats) {
      found.hypothesis.tokens = cut_at_loop(found.hypothesis.tokens, tokenizer.eot());
    }
    const WindowSpan span{0, windows_[i].seconds, windows_[i].features.frames};
    auto split = split_by_timestamps(found.hypothesis.tokens, tokenizer.timestamp_begin(), span);
    for (Segment& segment : split.segments) describe(segment, found, tokenizer);
    std::erase_if(split.segments, [](const Segment& s) { return strip(s.text).empty(); });
    results_[i].segments = std::move(split.segments);
  }

  /// Transcribes the two halves of window i separately. Returns false if the window is too short.
  bool divide(size_t i) {
    const auto& samples = requests_[i].samples;
    const bool may_divide = depth_ < kMaxHalvings || windows_[i].is_divisible;
    const auto cut = may_divide ? quietest_cut(samples) : std::nullopt;
    if (!cut) return false;
    const double middle = static_cast<double>(*cut) / kSampleRate;
    results_[i].segments = recognize_pieces(i, {{0, middle}, {middle, windows_[i].seconds}});
    divided_.push_back(i);
    return true;
  }

  /// Transcribes pieces of window i separately. Times are relative to the window.
  std::vector<Segment> recognize_pieces(size_t i, const std::vector<Stretch>& pieces) {
    std::vector<WindowRequest> requests;
    for (const Stretch& piece : pieces) {
      const auto& samples = requests_[i].samples;
      const auto at = [&](double seconds) {
        const auto sample = static_cast<size_t>(std::llround(seconds * kSampleRate));
        return samples.begin() + static_cast<std::ptrdiff_t>(std::min(sample, samples.size()));
      };
      const bool first = requests_[i].first && piece.begin == 0;
      requests.push_back(
          {{at(piece.begin), at(piece.end)}, results_[i].language, first, requests_[i].all_speech});
    }
    auto parts = Batch(model_, requests, options_, stop_, depth_ + 1).run();
    std::vector<Segment> segments;
    for (size_t part = 0; part < parts.size(); ++part) {
      for (Segment& segment : parts[part].segments) {
        shift(segment, pieces[part].begin);
        segments.push_back(std::move(segment));
      }
    }
    return segments;
  }

  /// Missed speech cannot be found for a translation, whose words are in another order, or for a
  /// text with a token limit, which is incomplete on purpose.
  bool can_miss(size_t i) const {
    return is_speech(i) && options_.task == Task::transcribe && depth_ < kMaxHalvingsOfLoops;
  }

  /// Decodes the parts of window i that have no words again, each separately. A window without any
  /// text is divided.
  void add_missed(size_t i) {
    auto& segments = results_[i].segments;
    if (is_divided(i)) return;
    if (segments.empty()) {
      if (is_speech(i) && depth_ < kMaxHalvings) divide(i);
    } else if (can_miss(i)) {
      for (const Stretch& stretch : find_missed(segments, windows_[i].seconds)) {
        insert_found(segments, stretch, recognize_pieces(i, {stretch}), model_.tokenizer());
      }
    }
  }

  /// Notes the parts of window i that have no words in the end.
  void note_wordless(size_t i) {
    const auto& segments = results_[i].segments;
    if (segments.empty()) {
      results_[i].wordless = {{0, windows_[i].seconds}};
    } else if (can_miss(i)) {
      results_[i].wordless = find_missed(segments, windows_[i].seconds);
    } else if (depth_ == 0 && is_sparse(i)) {
      auto timed = segments;
      AlignWindow to_align{
          windows_[i].encoded, windows_[i].features.frames, timed, 0, windows_[i].seconds, 0};
      align_segments(model_, {&to_align, 1}, results_[i].language, options_);
      results_[i].wordless = find_missed(timed, windows_[i].seconds);
    }
  }

  /// Whether window i may have parts without words, as far as its text and length tell.
  bool is_sparse(size_t i) const {
    const double seconds = windows_[i].seconds;
    if (options_.task == Task::translate || is_divided(i) || seconds <= kLeastSparseSeconds) {
      return false;
    }
    double characters = 0;
    for (const Segment& segment : results_[i].segments) {
      characters += static_cast<double>(count_code_points(segment.text));
    }
    return characters < kDenseText * seconds;
  }

  bool is_divided(size_t i) const {
    return std::find(divided_.begin(), divided_.end(), i) != divided_.end();
  }

  /// Adds word times if they are requested or needed to find missed speech. Windows with text of
  /// their own are aligned together, by language.
  void add_words() {
    std::map<std::string, std::vector<size_t>> groups;
    for (size_t i = 0; i < windows_.size(); ++i) {
      if (is_divided(i) || results_[i].segments.empty()) continue;
      if (!options_.word_timestamps && !can_miss(i)) continue;
      groups[results_[i].language].push_back(i);
    }
    for (const auto& [language, members] : groups) {
      std::vector<AlignWindow> to_align;
      for (const size_t i : members) {
        to_align.push_back({windows_[i].encoded, windows_[i].features.frames, results_[i].segments,
                            0, windows_[i].seconds, 0});
      }
      align_segments(model_, to_align, language, options_);
    }
  }

  SpeechModel& model_;
  std::span<const WindowRequest> requests_;
  const TranscribeOptions& options_;
  std::stop_token stop_;
  int depth_;  ///< how often the audio has been divided already
  std::vector<SearchWindow> windows_;
  std::vector<Found> found_;
  std::vector<size_t> divided_;
  std::vector<WindowResult> results_;
};

/// Adds the result of a part to that of the whole window.
void append(WindowResult& whole, WindowResult part, const LanguagePart& where) {
  const double begin = static_cast<double>(where.begin) / kSampleRate;
  for (Segment& segment : part.segments) {
    shift(segment, begin);
    whole.segments.push_back(std::move(segment));
  }
  for (const Stretch& stretch : part.wordless) {
    whole.wordless.push_back({begin + stretch.begin, begin + stretch.end});
  }
}

/// Finds the languages of each window and transcribes its parts, all parts together.
std::vector<WindowResult> transcribe_by_language(SpeechModel& model,
                                                 std::span<const WindowRequest> windows,
                                                 const TranscribeOptions& options,
                                                 const std::stop_token& stop) {
  std::vector<std::vector<LanguagePart>> languages;
  std::vector<WindowRequest> parts;
  for (const WindowRequest& window : windows) {
    if (stop.stop_requested()) return std::vector<WindowResult>(windows.size());
    languages.push_back(spoken_languages(model, window.samples, window.cuts));
    for (const LanguagePart& part : languages.back()) {
      const auto first = window.samples.begin();
      parts.push_back({{first + static_cast<std::ptrdiff_t>(part.begin),
                        first + static_cast<std::ptrdiff_t>(part.end)},
                       part.language,
                       window.first && part.begin == 0,
                       window.all_speech});
    }
  }
  auto results = Batch(model, parts, options, stop, 0).run();
  std::vector<WindowResult> joined(windows.size());
  auto result = results.begin();
  for (size_t i = 0; i < windows.size(); ++i) {
    size_t most = 0;
    for (const LanguagePart& part : languages[i]) {
      if (part.end - part.begin > most) {
        most = part.end - part.begin;
        joined[i].language = part.language;
        joined[i].language_probability = part.probability;
      }
      append(joined[i], std::move(*result++), part);
    }
  }
  return joined;
}

}  // namespace

std::vector<WindowResult> transcribe_windows(SpeechModel& model,
                                             std::span<const WindowRequest> windows,
                                             const TranscribeOptions& options,
                                             std::stop_token stop) {
  if (options.multilingual && model.info().multilingual && !windows.empty()) {
    return transcribe_by_language(model, windows, options, stop);
  }
  return Batch(model, windows, options, std::move(stop), 0).run();
}

}  // namespace steno::asr
