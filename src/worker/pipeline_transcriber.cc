#include "worker/pipeline_transcriber.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "options/option_json.h"
#include "options/option_table.h"
#include "pipeline/known_speakers.h"

namespace steno {

namespace {

/// What the job is to be made with: its options, and the recordings of known speakers.
Result<TranscribeOptions> options_of(const Job& job, StageOutputs& stages) {
  auto options = nlohmann::json::parse(job.options, nullptr, false);
  // Null, or a list without anybody.
  if (!options.is_object() || options.value(kKnownSpeakersStage, nlohmann::json()).empty()) {
    return parse_options(job.options);
  }
  const auto kept = stages.find(kKnownSpeakersStage);
  if (!kept) return fail(Errc::io, "the recordings of the known speakers cannot be read");
  options[kKnownSpeakersStage] = nlohmann::json::parse(*kept, nullptr, false);
  return parse_options(options.dump());
}

}  // namespace

PipelineTranscriber::PipelineTranscriber(ModelCache& models, std::string model,
                                         SpeakerNetworks& speakers)
    : models_(models), model_(std::move(model)), speakers_(speakers) {}

Result<Transcript> PipelineTranscriber::transcribe(const Job& job,
                                                   const std::filesystem::path& audio,
                                                   StageOutputs& stages, Sink& sink,
                                                   std::stop_token stop) {
  const auto options = options_of(job, stages);
  if (!options) return tl::unexpected(options.error());
  const auto open = [&]() -> Result<AudioInput> {
    if (audio.empty()) return fail(Errc::bad_audio, "the job's audio is gone");
    return open_audio(decode::Source::file(audio.string()), options->audio_track, options->channels,
                      stop);
  };
  const Recognizers recognizers{
      [&] { return models_.get(job.model.empty() ? model_ : job.model, stop); },
      [this] { return speakers_.get(); }};
  return steno::transcribe(open, *options, recognizers, stages, sink, stop);
}

}  // namespace steno
