#include "pipeline/asr/asr.h"

namespace steno::asr {

Result<std::shared_ptr<SpeechModel>> SpeechModel::load(const EngineConfig& config) {
  auto engine = make_engine(config);
  if (!engine) return tl::unexpected(engine.error());
  const ModelInfo info = (*engine)->info();
  auto tokenizer = Tokenizer::load(config.model_folder, info.multilingual);
  if (!tokenizer) return tl::unexpected(tokenizer.error());
  return std::make_shared<SpeechModel>(std::move(*engine), std::move(*tokenizer),
                                       FeatureExtractor(info.mels));
}

SpeechModel::SpeechModel(std::unique_ptr<Engine> engine, Tokenizer tokenizer,
                         FeatureExtractor features)
    : engine_(std::move(engine)),
      tokenizer_(std::move(tokenizer)),
      features_(std::move(features)) {}

}  // namespace steno::asr
