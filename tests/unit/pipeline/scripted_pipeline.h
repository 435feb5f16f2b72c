#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "unit/pipeline/asr/scripted_engine.h"
#include "unit/pipeline/fake_call.h"
#include "unit/pipeline/vad/golden.h"

namespace steno {

/// A pipeline over an engine that returns " One." for the first window, " Two." for the second, …
struct Scripted {
  explicit Scripted(asr::ScriptedEngine::Answer answer = {}, const std::string& name = "base")
      : model(answer ? std::move(answer) : count(), name),
        engine(model.engine),
        pipeline(std::shared_ptr<asr::SpeechModel>(std::move(model.model)), vad::silero()) {
    engine->languages = {{{language("en"), 0.9f}}};
  }

  asr::ScriptedEngine::Answer count() {
    return [this](const asr::SearchCall&) {
      static const std::vector<std::string> kWords = {" One.", " Two.", " Three.", " Four."};
      return say(kWords[windows++ % kWords.size()]);
    };
  }
  asr::Hypothesis say(const std::string& text) const { return {tokenizer().encode(text), -0.2, 0}; }
  const asr::Tokenizer& tokenizer() const { return *tokens; }
  int language(const std::string& code) const { return *tokenizer().language_token(code); }

  Result<Transcript> transcribe(AudioInput audio, const TranscribeOptions& options = {}) {
    return pipeline.transcribe(std::move(audio), options, sink);
  }

  asr::ScriptedModel model;
  asr::Tokenizer copy = model.tokenizer();
  const asr::Tokenizer* tokens = &copy;
  asr::ScriptedEngine* engine;
  Pipeline pipeline;
  Collector sink;
  size_t windows = 0;
};

inline std::vector<std::vector<float>> one(std::vector<float> samples) {
  std::vector<std::vector<float>> channels;
  channels.push_back(std::move(samples));
  return channels;
}

}  // namespace steno
