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
#include "pipeline/asr/language.h"
#include "pipeline/asr/loops.h"
#include "pipeline/asr/missed.h"
#include "pipeline/asr/pieces.h"
#include "pipeline/asr/search.h"
#include "pipeline/asr/segments.h"
#include "pipeline/asr/token_text.h"
#include "pipeline/asr/words.h"

namespace steno::asr {
namespace {

// An overfull window is halved at most twice: 30 s become pieces of 7.5 s.
constexpr int kMaxHalvings = 2;

/// One call of transcribe_windows. All windows pass through each step together.
class Batch {
 public:
  Batch(SpeechModel& model, std::span<const WindowRequest> requests,
        const TranscribeOptions& options, std::stop_token stop, int halvings)
      : model_(model),
        requests_(requests),
        options_(options),
        stop_(std::move(stop)),
        halvings_(halvings),
        results_(requests.size()) {}

  std::vector<WindowResult> run() {
    encode();
    choose_languages();
    build_prompts();
    if (stop_.stop_requested()) return std::move(results_);
    found_ = search_windows(model_, windows_, options_, stop_);
    for (size_t i = 0; i < windows_.size() && !stop_.stop_requested(); ++i) finish(i);
    if (!stop_.stop_requested()) add_words();
    for (size_t i = 0; i < windows_.size() && !stop_.stop_requested(); ++i) add_missed(i);
    for (auto& result : results_) {
      std::erase_if(result.segments, [](const Segment& s) { return strip(s.text).empty(); });
      if (options_.word_timestamps) continue;
      for (Segment& segment : result.segments) segment.words.clear();
    }
    return std::move(results_);
  }

 private:
  void encode() {
    std::vector<SearchWindow*> pointers;
    for (const auto& request : requests_) {
      windows_.push_back(make_window(model_, request.samples));
    }
    for (auto& window : windows_) pointers.push_back(&window);
    encode_windows(model_, pointers, Padding::usual);
  }

  void choose_languages() {
    const bool multilingual = model_.info().multilingual;
    for (size_t i = 0; i < results_.size(); ++i) {
      results_[i].language = multilingual ? requests_[i].language : "en";
    }
    if (!options_.multilingual || !multilingual || windows_.empty()) return;
    std::vector<EncodedPtr> encoded;
    for (const auto& window : windows_) encoded.push_back(window.encoded);
    const auto probabilities = model_.engine().detect_language(encoded);
    for (size_t i = 0; i < results_.size(); ++i) {
      const auto best = likeliest_language(probabilities[i], model_.tokenizer());
      results_[i].language = best.language;
      results_[i].language_probability = best.probability;
    }
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

  /// Builds the segments of window i from its search result or its pieces.
  void finish(size_t i) {
    Found& found = found_[i];
    if (found.verdict.no_speech) return;
    if ((found.truncated || found.verdict.repeats) && divide(i)) return;
    const auto& tokenizer = model_.tokenizer();
    if (found.verdict.repeats) {
      found.hypothesis.tokens = cut_at_loop(found.hypothesis.tokens, tokenizer.eot());
    }
    const WindowSpan span{0, windows_[i].seconds, windows_[i].features.frames};
    auto split = split_by_timestamps(found.hypothesis.tokens, tokenizer.timestamp_begin(), span);
    for (Segment& segment : split.segments) describe(segment, found, tokenizer);
    results_[i].segments = std::move(split.segments);
  }

  /// Transcribes the two halves of window i separately. Returns false if the window is too short.
  bool divide(size_t i) {
    const auto& samples = requests_[i].samples;
    const auto cut = halvings_ > 0 ? quietest_cut(samples) : std::nullopt;
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
    auto options = options_;
    options.multilingual = false;
    auto parts = Batch(model_, requests, options, stop_, halvings_ - 1).run();
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
    return requests_[i].all_speech && options_.task == Task::transcribe &&
           !options_.max_new_tokens && halvings_ > 0;
  }

  /// Decodes the parts of window i that have no words again, each separately.
  void add_missed(size_t i) {
    auto& segments = results_[i].segments;
    if (!can_miss(i) || segments.empty() || is_divided(i)) return;
    for (const Stretch& stretch : find_missed(segments, windows_[i].seconds)) {
      insert_found(segments, stretch, recognize_pieces(i, {stretch}), model_.tokenizer());
    }
  }

  bool is_divided(size_t i) const {
    return std::find(divided_.begin(), divided_.end(), i) != divided_.end();
  }

  static void shift(Segment& segment, double seconds) {
    segment.start += seconds;
    segment.end += seconds;
    for (Word& word : segment.words) {
      word.start += seconds;
      word.end += seconds;
    }
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
  int halvings_;
  std::vector<SearchWindow> windows_;
  std::vector<Found> found_;
  std::vector<size_t> divided_;
  std::vector<WindowResult> results_;
};

}  // namespace

std::vector<WindowResult> transcribe_windows(SpeechModel& model,
                                             std::span<const WindowRequest> windows,
                                             const TranscribeOptions& options,
                                             std::stop_token stop) {
  return Batch(model, windows, options, std::move(stop), kMaxHalvings).run();
}

}  // namespace steno::asr
