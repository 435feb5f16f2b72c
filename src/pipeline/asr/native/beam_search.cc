// Problem: a beam search must choose among continuations of several hypotheses over 50,000 tokens
// at every step, under Whisper's timestamp rules. Idea: scan the logits in blocks and keep only the
// best candidates in a heap, so that most blocks cost one comparison. Hypotheses refer to their
// keys and values by slots, so that reordering beams copies nothing. The search ends when no live
// hypothesis can beat the best ended one.
#include "pipeline/asr/native/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steno::asr::native {
namespace {

/// The logit of an excluded token. Finite, so that differences of logits are numbers.
constexpr float kForbidden = -1e30f;

void forbid(float* logits, int begin, int end) {
  std::fill(logits + begin, logits + end, kForbidden);
}

/// Excludes each token that would repeat an n-gram of `tokens`.
void forbid_repeated_ngrams(const std::vector<int>& tokens, int size, float* logits) {
  const size_t context = static_cast<size_t>(size) - 1;
  if (tokens.size() < context) return;
  const auto last = tokens.end() - static_cast<std::ptrdiff_t>(context);
  for (size_t i = 0; i + context < tokens.size(); ++i) {
    if (std::equal(last, tokens.end(), tokens.begin() + i))
      logits[tokens[i + context]] = kForbidden;
  }
}

}  // namespace

Search::Search(const Kernels& kernels, const TokenRules& rules, const GenerateOptions& options,
               std::vector<int> prefix, bool timestamps, int max_tokens)
    : kernels_(kernels),
      rules_(rules),
      options_(options),
      prefix_(std::move(prefix)),
      timestamps_(timestamps),
      max_tokens_(max_tokens),
      sampling_(options.temperature > 0),
      random_(20221) {
  width_ = std::max(1, sampling_ ? options.best_of : options.beam_size);
}

void Search::start(float* logits, int prompt_length) {
  Live root;
  root.tokens = prefix_;
  root.path.assign(prompt_length - 1, 0);
  const int stride = rules_.vocabulary;
  if (!sampling_) {
    live_ = {root};
    advance_beam(logits, stride);
    return;
  }
  live_.assign(width_, root);
  std::vector<float> copies(static_cast<size_t>(width_) * stride);
  for (int i = 0; i < width_; ++i)
    std::copy(logits, logits + stride, copies.begin() + static_cast<size_t>(i) * stride);
  advance_samples(copies.data(), stride);
}

void Search::advance(float* logits, int stride) {
  if (sampling_) {
    advance_samples(logits, stride);
  } else {
    advance_beam(logits, stride);
  }
}

void Search::stop() {
  for (Live& live : live_) end(std::move(live.tokens), live.score);
  live_.clear();
  finished_ = true;
}

double Search::log_sum(const float* logits, int begin, int end) const {
  const float peak = kernels_.maximum(logits + begin, end - begin);
  return peak + std::log(kernels_.sum_exp(logits + begin, end - begin, peak));
}

void Search::apply_rules(const std::vector<int>& tokens, float* logits) const {
  if (options_.repetition_penalty != 1) {
    std::vector<int> seen = tokens;
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    const auto penalty = static_cast<float>(options_.repetition_penalty);
    for (const int id : seen) logits[id] *= logits[id] < 0 ? penalty : 1 / penalty;
  }
  if (options_.no_repeat_ngram_size > 0) {
    forbid_repeated_ngrams(tokens, options_.no_repeat_ngram_size, logits);
  }
  for (const int id : options_.suppress_tokens) {
    if (id >= 0 && id < rules_.vocabulary) logits[id] = kForbidden;
  }
  if (options_.suppress_blank && tokens.size() == prefix_.size()) {
    for (const int id : rules_.begin_suppressed) logits[id] = kForbidden;
  }
  if (timestamps_) apply_timestamp_rules(tokens, logits);
}

/// Whisper's rules (openai/whisper, decoding.py, ApplyTimestampRules). Timestamps come in pairs, do
/// not decrease, and begin the text. A timestamp is chosen if all timestamps together are more
/// likely than any text token.
void Search::apply_timestamp_rules(const std::vector<int>& tokens, float* logits) const {
  const int begin = rules_.timestamp_begin;
  const int end = rules_.vocabulary;
  logits[rules_.no_timestamps] = kForbidden;
  if (tokens.empty()) {
    forbid(logits, 0, begin);
    const int last_allowed = begin + options_.max_initial_timestamp_index;
    if (last_allowed + 1 < end) forbid(logits, last_allowed + 1, end);
    return;
  }
  const size_t generated = tokens.size() - prefix_.size();
  if (generated > 0 && tokens.back() >= begin) {
    const bool pair_complete = generated < 2 || tokens[tokens.size() - 2] >= begin;
    if (pair_complete) {
      forbid(logits, begin, end);
    } else {
      forbid(logits, 0, rules_.end_of_text);
    }
  }
  const auto last =
      std::find_if(tokens.rbegin(), tokens.rend(), [&](int id) { return id >= begin; });
  if (last != tokens.rend()) {
    const bool may_repeat = generated > 0 && tokens.back() >= begin &&
                            (generated < 2 || tokens[tokens.size() - 2] < begin);
    forbid(logits, begin, *last + (may_repeat ? 0 : 1));
  }
  if (log_sum(logits, begin, end) > kernels_.maximum(logits, begin)) forbid(logits, 0, begin);
}

/// Adds the `count` best continuations of one hypothesis. Skips blocks whose logits are all below
/// the worst kept one.
void Search::take_best(int parent, const float* logits, size_t count,
                       std::vector<Candidate>& candidates) const {
  constexpr int kBlock = 256;
  const auto worse = [](const std::pair<float, int>& a, const std::pair<float, int>& b) {
    return a.first > b.first;
  };
  std::vector<std::pair<float, int>> best;  // a heap with the worst on top
  for (int first = 0; first < rules_.vocabulary; first += kBlock) {
    const int size = std::min(kBlock, rules_.vocabulary - first);
    if (best.size() == count && kernels_.maximum(logits + first, size) <= best.front().first) {
      continue;
    }
    for (int id = first; id < first + size; ++id) {
      if (best.size() == count) {
        if (logits[id] <= best.front().first) continue;
        std::pop_heap(best.begin(), best.end(), worse);
        best.pop_back();
      }
      best.emplace_back(logits[id], id);
      std::push_heap(best.begin(), best.end(), worse);
    }
  }
  const double total = log_sum(logits, 0, rules_.vocabulary);
  for (const auto& [logit, id] : best) {
    if (logit > kForbidden / 2)
      candidates.push_back({parent, id, live_[parent].score + logit - total});
  }
}

Search::Live Search::child(const Candidate& candidate, int slot) const {
  Live live = live_[candidate.parent];
  live.tokens.push_back(candidate.token);
  live.path.push_back(live.slot);
  live.slot = slot;
  live.score = candidate.score;
  return live;
}

void Search::advance_beam(float* logits, int stride) {
  const size_t beam = static_cast<size_t>(width_);
  std::vector<Candidate> candidates;
  for (size_t i = 0; i < live_.size(); ++i) {
    float* row = logits + i * stride;
    apply_rules(live_[i].tokens, row);
    take_best(static_cast<int>(i), row, 2 * beam, candidates);
  }
  const size_t kept = std::min(candidates.size(), 2 * beam);
  std::partial_sort(candidates.begin(), candidates.begin() + kept, candidates.end(),
                    [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  std::vector<Live> next;
  for (size_t i = 0; i < kept && next.size() < beam; ++i) {
    if (candidates[i].token == rules_.end_of_text) {
      if (i < beam) end(live_[candidates[i].parent].tokens, candidates[i].score);
    } else {
      next.push_back(child(candidates[i], static_cast<int>(next.size())));
    }
  }
  live_ = std::move(next);
  if (live_.empty() || beam_is_done()) {
    if (ended_.empty()) return stop();
    live_.clear();
    finished_ = true;
  } else if (static_cast<int>(live_[0].tokens.size() - prefix_.size()) >= max_tokens_) {
    stop();
  }
}

/// The search ends when no live hypothesis has a better score per token than the best ended one.
/// Further tokens can only lower a score, so this loses no better text. With patience above 1, the
/// search also waits until beam_size * patience hypotheses have ended. It ends in any case after
/// twice that many, because the score of a loop keeps rising.
bool Search::beam_is_done() const {
  if (ended_.empty()) return false;
  const size_t wanted = std::max<long>(1, std::lround(width_ * options_.patience));
  if (ended_.size() >= 2 * wanted) return true;
  if (options_.patience > 1 && ended_.size() < wanted) return false;
  double best_ended = -std::numeric_limits<double>::infinity();
  for (const Ended& ended : ended_) best_ended = std::max(best_ended, ended.normalised);
  return std::all_of(live_.begin(), live_.end(), [&](const Live& live) {
    return normalise(live.score, live.tokens.size()) <= best_ended;
  });
}

void Search::advance_samples(float* logits, int stride) {
  std::vector<Live> next;
  std::uniform_real_distribution<double> uniform;
  for (size_t i = 0; i < live_.size(); ++i) {
    float* row = logits + i * stride;
    apply_rules(live_[i].tokens, row);
    const double total = log_sum(row, 0, rules_.vocabulary);
    const auto temperature = static_cast<float>(options_.temperature);
    const float peak = kernels_.maximum(row, rules_.vocabulary);
    std::vector<float> weights(rules_.vocabulary);
    double sum = 0;
    for (int id = 0; id < rules_.vocabulary; ++id) {
      weights[id] = row[id] < kForbidden / 2 ? 0.0f : std::exp((row[id] - peak) / temperature);
      sum += weights[id];
    }
    double threshold = uniform(random_) * sum;
    int chosen =
        static_cast<int>(std::max_element(weights.begin(), weights.end()) - weights.begin());
    for (int id = 0; id < rules_.vocabulary; ++id) {
      threshold -= weights[id];
      if (threshold < 0 && weights[id] > 0) {
        chosen = id;
        break;
      }
    }
    const Candidate candidate = {static_cast<int>(i), chosen, live_[i].score + row[chosen] - total};
    if (chosen == rules_.end_of_text) {
      end(live_[i].tokens, candidate.score);
    } else {
      next.push_back(child(candidate, static_cast<int>(next.size())));
    }
  }
  live_ = std::move(next);
  if (live_.empty()) {
    finished_ = true;
  } else if (static_cast<int>(live_[0].tokens.size() - prefix_.size()) >= max_tokens_) {
    stop();
  }
}

double Search::normalise(double score, size_t length) const {
  return score /
         std::pow(std::max<double>(1, static_cast<double>(length)), options_.length_penalty);
}

void Search::end(std::vector<int> tokens, double score) {
  const double normalised = normalise(score, tokens.size());
  ended_.push_back({std::move(tokens), score, normalised});
}

Hypothesis Search::best() const {
  const auto found =
      std::max_element(ended_.begin(), ended_.end(),
                       [](const Ended& a, const Ended& b) { return a.normalised < b.normalised; });
  if (found == ended_.end()) return {};
  Hypothesis best;
  best.tokens.assign(found->tokens.begin() + static_cast<std::ptrdiff_t>(prefix_.size()),
                     found->tokens.end());
  best.avg_logprob = found->score / static_cast<double>(found->tokens.size() + 1);
  return best;
}

}  // namespace steno::asr::native
