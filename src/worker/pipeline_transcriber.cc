#include "worker/pipeline_transcriber.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "options/option_json.h"
#include "options/option_table.h"
#include "pipeline/known_speakers.h"
#include "telemetry/log.h"

namespace steno {

namespace {

/// The job's options, with the recordings of known speakers from `stages`.
Result<TranscribeOptions> options_of(const Job& job, StageOutputs& stages) {
  auto options = nlohmann::json::parse(job.options, nullptr, false);
  // Null or an empty list.
  if (!options.is_object() || options.value(kKnownSpeakersStage, nlohmann::json()).empty()) {
    return parse_options(job.options);
  }
  const auto kept = stages.find(kKnownSpeakersStage);
  if (!kept) return fail(Errc::io, "the recordings of the known speakers cannot be read");
  options[kKnownSpeakersStage] = nlohmann::json::parse(*kept, nullptr, false);
  return parse_options(options.dump());
}

/// The model's name for clients: an operator may have given it as a folder of this machine.
std::string public_name(const std::string& model) {
  if (!model.starts_with('/') && !model.starts_with('.')) return model;
  return (std::filesystem::path(model) / "").lexically_normal().parent_path().filename().string();
}

}  // namespace

PipelineTranscriber::PipelineTranscriber(ModelCache& models, std::string model,
                                         SpeakerNetworks& speakers,
                                         const decode::Decoders& decoders, Log& log)
    : models_(models),
      model_(std::move(model)),
      speakers_(speakers),
      decoders_(decoders),
      log_(log) {}

Result<Transcript> PipelineTranscriber::transcribe(const Job& job,
                                                   const std::optional<decode::Source>& audio,
                                                   StageOutputs& stages, Sink& sink,
                                                   std::stop_token stop) {
  const auto options = options_of(job, stages);
  if (!options) return tl::unexpected(options.error());
  const auto decoders = decoders_.reporting([&](const std::string& fault) {
    log_.warning("a recording was not decoded", {{"job_id", job.id}, {"cause", fault}});
  });
  const auto open = [&]() -> Result<AudioInput> {
    if (!audio) return fail(Errc::bad_audio, "the job's audio is gone");
    return open_audio(decoders, *audio, options->audio_track, options->channels, stop);
  };
  const Recognizers recognizers{[&] { return load_model(job, stop); },
                                [this] { return speakers_.get(); }, decoders};
  return steno::transcribe(open, *options, recognizers, stages, sink, stop);
}

Result<std::shared_ptr<Pipeline>> PipelineTranscriber::load_model(const Job& job,
                                                                  const std::stop_token& stop) {
  const std::string& name = job.model.empty() ? model_ : job.model;
  auto pipeline = models_.get(name, stop);
  if (pipeline) return pipeline;
  const Error& error = pipeline.error();
  if (error.code == Errc::cancelled) return pipeline;
  // A model that the client named and that is not there: the message repeats only that name.
  if (error.code == Errc::not_found && !job.model.empty()) return pipeline;
  log_.error("a model cannot be loaded",
             {{"job_id", job.id}, {"model", name}, {"cause", error.message}});
  const bool is_damaged = error.code == Errc::bad_model;
  return fail(error.code,
              "model " + public_name(name) +
                  (is_damaged ? " is damaged or no Whisper model" : " cannot be loaded"));
}

}  // namespace steno
