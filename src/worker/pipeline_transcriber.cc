#include "worker/pipeline_transcriber.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "pipeline/option_json.h"
#include "pipeline/option_table.h"

namespace steno {

PipelineTranscriber::PipelineTranscriber(ModelCache& models, std::string model,
                                         SpeakerNetworks& speakers)
    : models_(models), model_(std::move(model)), speakers_(speakers) {}

Result<Transcript> PipelineTranscriber::transcribe(const Job& job,
                                                   const std::filesystem::path& audio,
                                                   Stages& stages, Sink& sink,
                                                   std::stop_token stop) {
  const auto options = parse_options(job.options);
  if (!options) return tl::unexpected(options.error());
  const auto open = [&] {
    return open_audio(decode::Source::file(audio.string()), options->audio_track, options->channels,
                      stop);
  };
  const Recognizers recognizers{
      [&] { return models_.get(job.model.empty() ? model_ : job.model, stop); },
      [this] { return speakers_.get(); }};
  return steno::transcribe(open, *options, recognizers, stages, sink, stop);
}

}  // namespace steno
