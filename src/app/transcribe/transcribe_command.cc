#include "app/transcribe/transcribe_command.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "app/exit_status.h"
#include "app/transcribe/report.h"
#include "app/transcribe/voice_model.h"
#include "models/models.h"
#include "pipeline/speech_models.h"
#include "pipeline/stages.h"

namespace steno::app {
namespace {

using Clock = std::chrono::steady_clock;

// More concurrent files would only use more memory, because the model is already busy.
constexpr size_t kMostAtOnce = 16;

// Passes events of the pipeline to the runner.
class EventSink : public Sink {
 public:
  explicit EventSink(const JobEvents& events) : events_(events) {}
  void segment(const Segment& segment) override { events_.segment(segment); }
  void progress(const Progress& progress) override {
    events_.progress({progress.done, progress.total});
  }

 private:
  const JobEvents& events_;
};

asr::EngineConfig engine_config(const DeviceOptions& device, std::string folder) {
  asr::EngineConfig config;
  config.model_folder = std::move(folder);
  config.device = device.device;
  config.device_index = device.device_index;
  config.compute_type = device.compute_type;
  config.cpu_threads = device.cpu_threads;
  config.num_workers = device.num_workers;
  return config;
}

// The file of the voice activity model. Empty if it is not needed.
Result<std::string> vad_file(const TranscribeOptions& options, const Environment& environment) {
  if (!options.vad_filter || !options.clip_timestamps.empty()) return std::string();
  auto file = voice_model_file(environment);
  if (file) return file;
  return fail(file.error().code, file.error().message + ", --no-vad-filter does without it");
}

// Null if diarization is not requested.
Result<std::shared_ptr<const diarize::Networks>> speaker_networks(const TranscribeOptions& options,
                                                                  const Environment& environment) {
  if (!options.speakers.diarize || options.channels == Channels::split) return nullptr;
  return diarization_folder(environment).and_then(diarize::Networks::load);
}

void say_model(Report& report, const asr::ModelInfo& model, Clock::duration took) {
  char line[200];
  std::snprintf(line, sizeof line, "model %s on %s, %s, %d at once, loaded in %.2f s",
                model.name.c_str(), model.device.c_str(), model.compute_type.c_str(),
                model.replicas, std::chrono::duration<double>(took).count());
  report.say(line);
  if (!model.note.empty()) report.say("not on the GPU: " + model.note);
}

size_t files_at_once(const asr::ModelInfo& model) {
  const auto busy = static_cast<size_t>(std::max(1, model.replicas * model.batch_size));
  return std::min(kMostAtOnce, 2 * busy);
}

}  // namespace

Outcome transcribe(const TranscribeSettings& settings, const Environment& environment,
                   const decode::Decoders& decoders, const std::stop_source& stop) {
  StandardOutput output;
  Report report(settings, output, stderr, stop);
  const auto start = Clock::now();
  if (const auto made = make_output_folder(settings); !made) {
    report.say(made.error().message);
    return {kSomeFailed};
  }
  const auto folder = models::Library(environment.model_folders).resolve(settings.model);
  if (!folder) {
    report.say(folder.error().message);
    return {kSomeFailed};
  }
  const auto vad = vad_file(settings.options, environment);
  if (!vad) {
    report.say(vad.error().message);
    return {kSomeFailed};
  }
  const auto networks = speaker_networks(settings.options, environment);
  if (!networks) {
    report.say(networks.error().message);
    return {kSomeFailed};
  }
  SpeechModels models(*vad);
  const auto loaded = models.get(engine_config(settings.device, folder->path));
  if (!loaded) {
    report.say(loaded.error().message);
    return {kSomeFailed};
  }
  // Files that are abandoned at an interruption still use these, so they must outlive the call.
  const std::shared_ptr<Pipeline>& pipeline = *loaded;
  const auto options = std::make_shared<const TranscribeOptions>(decoding_options(settings));
  const auto inputs = std::make_shared<const std::vector<std::string>>(settings.inputs);
  if (settings.verbose) say_model(report, pipeline->model(), Clock::now() - start);

  const Recognizers recognizers{
      [pipeline] { return Result<std::shared_ptr<Pipeline>>(pipeline); },
      [networks = *networks] { return Result<std::shared_ptr<const diarize::Networks>>(networks); },
      decoders};
  const auto job = [recognizers, options, inputs](size_t input, const JobEvents& events,
                                                  const std::stop_token& token) {
    const std::string& path = (*inputs)[input];
    const auto open = [&] {
      return open_audio(recognizers.decoders,
                        path == "-" ? decode::Source::standard_input() : decode::Source::file(path),
                        options->audio_track, options->channels, token);
    };
    EventSink sink(events);
    NoStageOutputs stages;
    return transcribe(open, *options, recognizers, stages, sink, token);
  };
  return run_files(settings, job, files_at_once(pipeline->model()), report, output, stop);
}

}  // namespace steno::app
