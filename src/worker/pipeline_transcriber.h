#pragma once

#include <string>

#include "worker/model_cache.h"
#include "worker/speaker_networks.h"
#include "worker/transcriber.h"

namespace steno {

/// Transcribes with the models of a cache and with networks, which outlive it.
class PipelineTranscriber : public Transcriber {
 public:
  /// `model`: for jobs that name none.
  PipelineTranscriber(ModelCache& models, std::string model, SpeakerNetworks& speakers);
  Result<Transcript> transcribe(const Job& job, const std::filesystem::path& audio,
                                StageOutputs& stages, Sink& sink, std::stop_token stop) override;

 private:
  ModelCache& models_;
  const std::string model_;
  SpeakerNetworks& speakers_;
};

}  // namespace steno
