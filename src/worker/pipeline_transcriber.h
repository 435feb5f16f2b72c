#pragma once

#include <optional>
#include <string>

#include "worker/model_cache.h"
#include "worker/speaker_networks.h"
#include "worker/transcriber.h"

namespace steno {

class Log;

/// Transcribes with the models of a cache and with speaker networks.
class PipelineTranscriber : public Transcriber {
 public:
  /// `model` is for jobs that name none. All references outlive the object.
  PipelineTranscriber(ModelCache& models, std::string model, SpeakerNetworks& speakers,
                      const decode::Decoders& decoders, Log& log);
  Result<Transcript> transcribe(const Job& job, const std::optional<decode::Source>& audio,
                                StageOutputs& stages, Sink& sink, std::stop_token stop) override;

 private:
  /// The pipeline of the job's model. The log has the cause of an error; the error names no path.
  Result<std::shared_ptr<Pipeline>> load_model(const Job& job, const std::stop_token& stop);

  ModelCache& models_;
  const std::string model_;
  SpeakerNetworks& speakers_;
  const decode::Decoders& decoders_;
  Log& log_;
};

}  // namespace steno
