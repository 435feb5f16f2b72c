#pragma once

#include <random>
#include <span>
#include <vector>

#include "pipeline/asr/engine.h"
#include "pipeline/asr/native/kernels.h"

namespace steno::asr::native {

/// The token ids that the search rules refer to.
struct TokenRules {
  int vocabulary = 0;
  int end_of_text = 0;
  int no_timestamps = 0;
  int timestamp_begin = 0;
  int no_speech = 0;
  std::vector<int> begin_suppressed;  ///< never first, for example a lone space
};

/// The search for one window's text: a beam search as in CTranslate2 and Whisper, or independent
/// samples at a temperature above 0. The caller passes the logits of its hypotheses step by step;
/// the search returns which tokens to run next.
class Search {
 public:
  /// `prefix` is text that is already given; every hypothesis starts with it. With `timestamps`,
  /// the rules of Whisper's timestamp tokens apply.
  Search(const Kernels& kernels, const TokenRules& rules, const GenerateOptions& options,
         std::vector<int> prefix, bool timestamps, int max_tokens);

  /// The most hypotheses that are live at the same time.
  int width() const { return width_; }
  /// One live hypothesis. Its last token runs next, in `slot`. `path` holds the slots of its
  /// earlier positions.
  struct Live {
    std::vector<int> tokens;
    std::vector<int> path;
    int slot = 0;
    double score = 0;  ///< sum of log-probabilities
  };
  const std::vector<Live>& live() const { return live_; }
  bool finished() const { return finished_; }

  /// Takes the first step: logits after the prompt, whose positions are all in slot 0.
  void start(float* logits, int prompt_length);
  /// Takes the logits of each live hypothesis, `stride` floats apart. They are modified.
  void advance(float* logits, int stride);
  /// Ends the search with the current hypotheses.
  void stop();

  /// The best hypothesis so far.
  Hypothesis best() const;

 private:
  struct Candidate {
    int parent = 0;
    int token = 0;
    double score = 0;
  };
  struct Ended {
    std::vector<int> tokens;
    double score = 0;
    double normalised = 0;
  };
  void apply_rules(const std::vector<int>& tokens, float* logits) const;
  void apply_timestamp_rules(const std::vector<int>& tokens, float* logits) const;
  double log_sum(const float* logits, int begin, int end) const;
  void take_best(int parent, const float* logits, size_t count,
                 std::vector<Candidate>& candidates) const;
  void advance_beam(float* logits, int stride);
  void advance_samples(float* logits, int stride);
  void end(std::vector<int> tokens, double score);
  double normalise(double score, size_t length) const;
  bool beam_is_done() const;
  Live child(const Candidate& candidate, int slot) const;

  const Kernels& kernels_;
  const TokenRules& rules_;
  const GenerateOptions& options_;
  std::vector<int> prefix_;
  bool timestamps_;
  int max_tokens_;
  int width_;
  bool sampling_;
  bool finished_ = false;
  std::vector<Live> live_;
  std::vector<Ended> ended_;
  std::mt19937 random_;
};

}  // namespace steno::asr::native
