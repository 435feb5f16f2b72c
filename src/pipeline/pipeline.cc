#include "pipeline/pipeline.h"

#include <utility>

#include "base/position.h"
#include "pipeline/words/scheduler.h"
#include "pipeline/words/transcription.h"

namespace steno {
namespace {

/// Only the options that decoding depends on. Windows of calls with equal options share a batch.
TranscribeOptions decoding_options(TranscribeOptions options) {
  const TranscribeOptions defaults;
  options.audio_track = defaults.audio_track;
  options.channels = defaults.channels;
  options.language = defaults.language;
  options.vad_filter = defaults.vad_filter;
  options.vad = defaults.vad;
  options.chunk_length = defaults.chunk_length;
  options.clip_timestamps = defaults.clip_timestamps;
  options.language_detection_threshold = defaults.language_detection_threshold;
  options.language_detection_segments = defaults.language_detection_segments;
  options.speakers = defaults.speakers;
  options.post = defaults.post;
  return options;
}

Result<void> check_language(const asr::SpeechModel& model, const TranscribeOptions& options) {
  if (!options.language || !model.info().multilingual) return {};
  if (model.tokenizer().language_token(*options.language)) return {};
  return fail(Errc::invalid_argument,
              "language: " + model.info().name + " does not know \"" + *options.language + "\"");
}

/// The requested features that an English-only model does not support.
std::vector<std::string> model_warnings(const asr::SpeechModel& model,
                                        const TranscribeOptions& options) {
  std::vector<std::string> warnings;
  if (model.info().multilingual) return warnings;
  const std::string name = model.info().name + " knows English only: ";
  if (options.language && *options.language != "en") {
    warnings.push_back(name + "language " + *options.language + " is ignored");
  }
  if (options.multilingual) warnings.push_back(name + "multilingual is ignored");
  if (options.task == Task::translate) warnings.push_back(name + "nothing is translated");
  return warnings;
}

/// The requested clips that the recording does not reach.
std::vector<std::string> clip_warnings(const std::string& name, const TranscribeOptions& options,
                                       double duration) {
  std::vector<std::string> warnings;
  const auto& times = options.clip_timestamps;
  for (size_t i = 0; i < times.size(); i += 2) {
    if (times[i] < duration) continue;
    warnings.push_back((name.empty() ? "" : name + ": ") + "the clip from " +
                       position_text(times[i]) + " begins after the end, " +
                       position_text(duration));
  }
  return warnings;
}

}  // namespace

Result<AudioInput> open_audio(const decode::Decoders& decoders, const decode::Source& source,
                              std::optional<int> audio_track, Channels channels,
                              std::stop_token stop) {
  auto opened = decoders.open(source, {audio_track, channels, std::move(stop)});
  if (!opened) return tl::unexpected(opened.error());
  const std::shared_ptr<decode::Decoder> decoder = std::move(*opened);
  AudioInput audio;
  audio.name = source.name;
  audio.channels = decoder->channels();
  audio.duration = decoder->duration();
  audio.read = [decoder](auto& block) { return decoder->read(block); };
  audio.warnings = [decoder] { return decoder->warnings(); };
  return audio;
}

Pipeline::Pipeline(std::shared_ptr<asr::SpeechModel> model, std::shared_ptr<const vad::Vad> vad)
    : model_(std::move(model)), vad_(std::move(vad)) {
  const auto decode = [model = model_.get()](auto windows, const auto& options, auto stop) {
    return asr::transcribe_windows(*model, windows, options, std::move(stop));
  };
  scheduler_ =
      std::make_unique<Scheduler>(model_->info().replicas, model_->info().batch_size, decode);
}

Pipeline::~Pipeline() = default;

Result<Transcript> Pipeline::transcribe(AudioInput audio, const TranscribeOptions& options,
                                        Sink& sink, std::stop_token stop,
                                        std::shared_ptr<CheckpointLog> checkpoint) {
  if (const auto valid = validate(options); !valid) return tl::unexpected(valid.error());
  if (const auto valid = check_language(*model_, options); !valid) {
    return tl::unexpected(valid.error());
  }
  const auto total = audio.duration;
  const std::string name = audio.name;
  sink.progress({0, total, 0});
  // A dead worker loses its current windows. On a GPU, a batch is cheaper than the loss.
  const bool one_by_one = checkpoint && checkpoint->is_at_risk() && model_->info().device == "cpu";
  auto lane = scheduler_->open(decoding_options(options), stop,
                               one_by_one ? std::optional<size_t>(1) : std::nullopt);
  Transcription call{
      std::move(audio),     options, model_, vad_, std::move(lane), Merger(sink, total), stop,
      std::move(checkpoint)};
  auto transcript = options.decoding == Decoding::batched ? transcribe_in_batches(call)
                                                          : transcribe_in_sequence(call);
  if (!transcript) return transcript;
  transcript->model = model_->info().name;
  for (auto& warning : model_warnings(*model_, options)) {
    transcript->warnings.insert(transcript->warnings.begin(), std::move(warning));
  }
  for (auto& warning : clip_warnings(name, options, transcript->duration)) {
    transcript->warnings.push_back(std::move(warning));
  }
  return transcript;
}

}  // namespace steno
