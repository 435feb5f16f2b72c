#include <utility>

#include "base/sampled_digest.h"
#include "base/step_key.h"
#include "pipeline/asr/asr.h"

namespace steno::asr {
namespace {

/// Checks that the engine's search and the tokenizer use the same ids for the same tokens.
Result<void> check_tokens(const Tokenizer& tokenizer, const ModelInfo& info) {
  constexpr int kLastTime = 1500;  // <|30.00|>
  const auto refuse = [&](const std::string& name, int id, const std::string& but) {
    return fail(Errc::bad_model, tokenizer.file() + ": " + name + " is token " +
                                     std::to_string(id) + ", but " + but);
  };
  for (const auto& [name, id] : tokenizer.special_tokens()) {
    if (id >= info.vocabulary_size) {
      return refuse(name, id, "the model has " + std::to_string(info.vocabulary_size) + " tokens");
    }
  }
  const std::pair<Tokenizer::Special, int> pairs[] = {
      {{"<|startoftranscript|>", tokenizer.sot()}, info.special.start},
      {{"<|endoftext|>", tokenizer.eot()}, info.special.end_of_text},
      {{"<|nospeech|>", tokenizer.no_speech()}, info.special.no_speech},
      {{"<|notimestamps|>", tokenizer.no_timestamps()}, info.special.no_timestamps},
  };
  for (const auto& [token, id] : pairs) {
    if (token.id == id) continue;
    return refuse(token.name, token.id, "in the model it is token " + std::to_string(id));
  }
  const int last = tokenizer.timestamp_begin() + kLastTime;
  if (last < info.vocabulary_size) return {};
  return refuse("<|30.00|>", last,
                "the model has " + std::to_string(info.vocabulary_size) + " tokens");
}

}  // namespace

Result<std::shared_ptr<SpeechModel>> SpeechModel::load(const EngineConfig& config) {
  auto engine = make_engine(config);
  if (!engine) return tl::unexpected(engine.error());
  const ModelInfo info = (*engine)->info();
  auto tokenizer = Tokenizer::load(config.model_folder, info.multilingual);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  if (auto good = check_tokens(*tokenizer, info); !good) return tl::unexpected(good.error());
  auto digest = StepKey(info.compute_type).add(sampled_digest(config.model_folder)).finish();
  return std::make_shared<SpeechModel>(std::move(*engine), std::move(*tokenizer),
                                       FeatureExtractor(info.mels), std::move(digest));
}

SpeechModel::SpeechModel(std::unique_ptr<Engine> engine, Tokenizer tokenizer,
                         FeatureExtractor features, std::string digest)
    : engine_(std::move(engine)),
      tokenizer_(std::move(tokenizer)),
      features_(std::move(features)),
      digest_(std::move(digest)) {}

}  // namespace steno::asr
