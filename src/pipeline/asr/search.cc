#include "pipeline/asr/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pipeline/asr/segments.h"

namespace steno::asr {
namespace {

// The text of a search is limited to this many tokens plus a rate per second. Speech has fewer
// tokens, even in languages with several tokens per character. A stuck search ends there.
constexpr int kTokensAlwaysAllowed = 32;
constexpr double kMaxTokensPerSecond = 50;

struct Attempt {
  double temperature;
  Padding padding;
};

std::vector<Attempt> plan(const TranscribeOptions& options) {
  const auto& temperatures = options.temperature;
  const double first = temperatures.empty() ? 0 : temperatures[0];
  std::vector<Attempt> attempts = {{first, Padding::usual}, {first, Padding::full}};
  for (size_t i = 1; i < temperatures.size(); ++i) {
    attempts.push_back({temperatures[i], Padding::full});
  }
  return attempts;
}

int token_limit(const TranscribeOptions& options, double seconds) {
  if (options.max_new_tokens) return *options.max_new_tokens;
  const double spoken = kTokensAlwaysAllowed + kMaxTokensPerSecond * seconds;
  return static_cast<int>(std::min<double>(kMaxNewTokens, spoken));
}

// search_options_test.cc fails when an option is forgotten here. Most fields of the two structs
// differ in form or are decided per attempt, so a table would need a function for each row.
GenerateOptions generate_options(const TranscribeOptions& options, const Tokenizer& tokenizer) {
  GenerateOptions generate;
  generate.beam_size = options.beam_size;
  generate.patience = options.patience;
  generate.length_penalty = options.length_penalty;
  generate.repetition_penalty = options.repetition_penalty;
  generate.no_repeat_ngram_size = options.no_repeat_ngram_size;
  generate.best_of = options.best_of;
  generate.suppress_blank = options.suppress_blank;
  generate.suppress_tokens = suppressed_tokens(tokenizer, options.suppress_tokens);
  generate.max_initial_timestamp_index =
      static_cast<int>(std::lround(options.max_initial_timestamp / kTimestampStep));
  return generate;
}

/// Whether a text is too unlikely to be what was said.
bool is_hopeless(const Found& found, const TranscribeOptions& options) {
  return options.log_prob_threshold &&
         found.hypothesis.avg_logprob < kHopeless * *options.log_prob_threshold;
}

/// Whether `a` is better than `b`.
bool is_better(const Found& a, const Found& b, const TranscribeOptions& options) {
  if (a.verdict.failed() != b.verdict.failed()) return !a.verdict.failed();
  const bool hopeless = is_hopeless(a, options);
  if (hopeless != is_hopeless(b, options)) return !hopeless;
  if (a.verdict.repeats != b.verdict.repeats) return !a.verdict.repeats;
  return a.hypothesis.avg_logprob > b.hypothesis.avg_logprob;
}

class Searcher {
 public:
  Searcher(SpeechModel& model, std::span<SearchWindow> windows, const TranscribeOptions& options,
           std::stop_token stop)
      : model_(model),
        windows_(windows),
        options_(options),
        stop_(std::move(stop)),
        generate_(generate_options(options, model.tokenizer())),
        found_(windows.size()),
        tried_(windows.size(), false) {}

  std::vector<Found> run() {
    std::vector<size_t> pending(windows_.size());
    std::iota(pending.begin(), pending.end(), 0);
    for (const Attempt& attempt : plan(options_)) {
      std::vector<size_t> now;
      for (const size_t i : pending) {
        if (!is_repeat_of_last(i, attempt)) now.push_back(i);
      }
      search(now, attempt);
      if (stop_.stop_requested()) break;
      std::erase_if(pending, [&](size_t i) {
        return !found_[i].verdict.failed() || will_be_divided(i, attempt);
      });
      if (pending.empty()) break;
    }
    for (const size_t i : pending) found_[i].verdict.no_speech |= is_hopeless(found_[i], options_);
    return std::move(found_);
  }

 private:
  bool will_be_divided(size_t i, const Attempt& attempt) const {
    return windows_[i].is_divisible && attempt.padding == Padding::full &&
           found_[i].verdict.repeats;
  }

  /// The second attempt differs from the first only by its padding.
  bool is_repeat_of_last(size_t i, const Attempt& attempt) const {
    return tried_[i] && attempt.padding == Padding::full &&
           attempt.temperature == found_[i].last_temperature &&
           windows_[i].encoded_frames == kMaxFrames;
  }

  void search(const std::vector<size_t>& members, const Attempt& attempt) {
    if (members.empty()) return;
    std::vector<SearchWindow*> windows;
    for (const size_t i : members) windows.push_back(&windows_[i]);
    encode_windows(model_, windows, attempt.padding);
    std::vector<EncodedPtr> encoded;
    std::vector<std::vector<int>> prompts;
    double longest = 0;
    for (const auto* window : windows) {
      encoded.push_back(window->encoded);
      prompts.push_back(window->prompt.tokens);
      longest = std::max(longest, window->seconds);
    }
    generate_.temperature = attempt.temperature;
    generate_.max_new_tokens = token_limit(options_, longest);
    auto hypotheses = model_.engine().generate(encoded, prompts, generate_, stop_);
    for (size_t k = 0; k < members.size(); ++k) {
      consider(members[k], std::move(hypotheses[k]), attempt.temperature);
    }
  }

  void consider(size_t i, Hypothesis hypothesis, double temperature) {
    Found found;
    found.truncated = !options_.max_new_tokens &&
                      static_cast<int>(hypothesis.tokens.size()) >= generate_.max_new_tokens;
    const auto& prefix = windows_[i].prompt.prefix;
    hypothesis.tokens.insert(hypothesis.tokens.begin(), prefix.begin(), prefix.end());
    found.verdict = judge(hypothesis, windows_[i].seconds, model_.tokenizer(), options_);
    found.verdict.no_speech |= !windows_[i].audible;
    found.hypothesis = std::move(hypothesis);
    found.temperature = temperature;
    if (!tried_[i] || is_better(found, found_[i], options_)) found_[i] = std::move(found);
    found_[i].last_temperature = temperature;
    tried_[i] = true;
  }

  SpeechModel& model_;
  std::span<SearchWindow> windows_;
  const TranscribeOptions& options_;
  std::stop_token stop_;
  GenerateOptions generate_;
  std::vector<Found> found_;
  std::vector<bool> tried_;
};

}  // namespace

int encoder_frames(int speech, const ModelInfo& model) {
  if (model.equal_lengths) return kMaxFrames;
  // An even number, because the encoder halves it.
  return std::min(kMaxFrames, (speech + kTrailingSilenceFrames + 1) / 2 * 2);
}

SearchWindow make_window(SpeechModel& model, std::span<const float> samples) {
  SearchWindow window;
  window.features = model.features().extract(samples);
  if (window.features.frames > kMaxFrames) {
    window.features = pad_or_trim(window.features, kMaxFrames);
  }
  window.audible = audible(samples);
  window.seconds = static_cast<double>(samples.size()) / kSampleRate;
  return window;
}

void encode_windows(SpeechModel& model, std::span<SearchWindow* const> windows, Padding padding) {
  std::vector<SearchWindow*> to_do;
  std::vector<Features> padded;
  for (SearchWindow* window : windows) {
    const int frames = padding == Padding::full
                           ? kMaxFrames
                           : encoder_frames(window->features.frames, model.info());
    if (window->encoded && window->encoded_frames >= frames) continue;
    window->encoded_frames = frames;
    padded.push_back(pad_or_trim(window->features, frames));
    to_do.push_back(window);
  }
  if (to_do.empty()) return;
  auto encoded = model.engine().encode(padded);
  for (size_t i = 0; i < to_do.size(); ++i) to_do[i]->encoded = std::move(encoded[i]);
}

std::vector<Found> search_windows(SpeechModel& model, std::span<SearchWindow> windows,
                                  const TranscribeOptions& options, std::stop_token stop) {
  return Searcher(model, windows, options, std::move(stop)).run();
}

void describe(Segment& segment, const Found& found, const Tokenizer& tokenizer) {
  segment.text = tokenizer.decode(segment.tokens);
  segment.avg_logprob = found.hypothesis.avg_logprob;
  segment.no_speech_prob = found.hypothesis.no_speech_prob;
  segment.compression_ratio = found.verdict.compression_ratio;
  segment.temperature = found.temperature;
}

}  // namespace steno::asr
