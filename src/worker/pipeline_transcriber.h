#pragma once

#include <string>
#include <string_view>

#include "worker/model_cache.h"
#include "worker/transcriber.h"

namespace steno {

/// Decoding options of a job: a JSON object by the names of transcribe_option_table(); "extra_data"
/// beside them is not looked at. Empty text stands for no options. Fails with invalid_argument.
Result<TranscribeOptions> parse_options(std::string_view json);

/// Transcribes with the models of a cache, which outlives it.
class PipelineTranscriber : public Transcriber {
 public:
  /// `model`: for jobs that name none.
  PipelineTranscriber(ModelCache& models, std::string model);
  Result<Transcript> transcribe(const Job& job, const std::filesystem::path& audio, Stages& stages,
                                Sink& sink, std::stop_token stop) override;

 private:
  ModelCache& models_;
  const std::string model_;
};

}  // namespace steno
