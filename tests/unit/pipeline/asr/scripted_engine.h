#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/asr/asr.h"

namespace steno::asr {

/// One search of a ScriptedEngine.
struct SearchCall {
  std::vector<int> prompt;
  int frames = 0;  ///< of the window's encoding
  GenerateOptions options;
};

/// An engine with scripted results, for faults that a real model does not show on demand. It
/// records its calls. Words are aligned evenly over the window.
class ScriptedEngine : public Engine {
 public:
  using Answer = std::function<Hypothesis(const SearchCall&)>;
  explicit ScriptedEngine(Answer answer) : answer_(std::move(answer)) {}

  const ModelInfo& info() const override { return info_; }
  std::vector<EncodedPtr> encode(std::span<const Features> windows) override;
  std::vector<Hypothesis> generate(std::span<const EncodedPtr> windows,
                                   std::span<const std::vector<int>> prompts,
                                   const GenerateOptions& options, std::stop_token stop) override;
  std::vector<Alignment> align(std::span<const EncodedPtr> windows, const std::vector<int>& start,
                               std::span<const std::vector<int>> tokens,
                               std::span<const int> frames) override;
  std::vector<std::map<int, float>> detect_language(std::span<const EncodedPtr> windows) override;

  ModelInfo info_;
  Answer answer_;
  /// The alignment for this number of tokens and frames; by default even.
  std::function<Alignment(int tokens, int frames)> alignment;
  std::vector<SearchCall> searches;
  std::vector<size_t> batches;                  ///< windows of each generate call
  std::vector<int> encoded;                     ///< frames of each window encoded
  std::vector<std::vector<int>> aligned_after;  ///< `start` of each align call
  std::vector<std::map<int, float>> languages;  ///< returned in order; the last one repeatedly
  size_t languages_asked = 0;
  std::function<void()> on_language;  ///< called at each language detection
};

/// A model around a ScriptedEngine with the real tokenizer of `base` or `tiny.en`.
struct ScriptedModel {
  explicit ScriptedModel(ScriptedEngine::Answer answer, const std::string& name = "base");

  const Tokenizer& tokenizer() const { return model->tokenizer(); }
  /// A hypothesis with the text's tokens and this mean log-probability.
  Hypothesis say(const std::string& text, double avg_logprob = -0.2,
                 double no_speech_prob = 0) const;

  ScriptedEngine* engine;
  std::unique_ptr<SpeechModel> model;
};

/// A quiet tone of this many seconds, so that the features are not silence.
std::vector<float> tone(double seconds);

/// Samples of a recording that the set-up installs (tests/speech.json has its words).
std::vector<float> recording(const std::string& name);

/// A real model, loaded once for the whole test program. Device cpu, one replica.
SpeechModel& real_model(const std::string& name);

}  // namespace steno::asr
