#include "app/transcribe/diarize_command.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/exit_status.h"
#include "app/transcribe/report.h"
#include "app/transcribe/voice_model.h"
#include "pipeline/known_speakers.h"
#include "pipeline/speaker_stage.h"

namespace steno::app {
namespace {

Result<Transcript> speakers_of(const decode::Source& source, const TranscribeOptions& options,
                               const std::shared_ptr<const diarize::Networks>& networks,
                               const decode::Decoders& decoders, const JobEvents& events,
                               const std::stop_token& stop) {
  auto audio = open_audio(decoders, source, options.audio_track, Channels::mix, stop);
  if (!audio) return tl::unexpected(audio.error());
  const auto warnings = audio->warnings;
  diarize::Analyzer analyzer(networks, analyzer_threads(Beside::nothing));
  const std::stop_callback stopped(stop, [&] { analyzer.stop(); });
  const auto read = read_into(analyzer, *audio, [&](const Progress& progress) {
    events.progress({progress.done, progress.total});
  });
  if (!read) return tl::unexpected(read.error());
  const auto voices = analyzer.finish();
  if (!voices) return tl::unexpected(voices.error());
  const auto known = known_voices(options.speakers.known_speakers, networks, decoders, stop);
  if (!known) return tl::unexpected(known.error());
  auto transcript = diarized({}, *voices, options.speakers, *known);
  transcript.duration = static_cast<double>(voices->samples) / decode::kSampleRate;
  transcript.warnings = warnings();
  return transcript;
}

}  // namespace

Outcome diarize_files(const TranscribeSettings& settings, const Environment& environment,
                      const decode::Decoders& decoders, const std::stop_source& stop) {
  StandardOutput output;
  Report report(settings, output, stderr, stop);
  const auto refuse = [&report](const Error& error) {
    report.say(error.message);
    return Outcome{kSomeFailed};
  };
  if (const auto made = make_output_folder(settings); !made) return refuse(made.error());
  const auto folder = diarization_folder(environment);
  if (!folder) return refuse(folder.error());
  const auto loaded = diarize::Networks::load(*folder);
  if (!loaded) return refuse(loaded.error());
  // Files that are abandoned at an interruption still use these, so they must outlive the call.
  const auto& networks = *loaded;
  const auto options = std::make_shared<const TranscribeOptions>(settings.options);
  const auto inputs = std::make_shared<const std::vector<std::string>>(settings.inputs);
  const auto job = [networks, options, inputs, &decoders](size_t input, const JobEvents& events,
                                                          const std::stop_token& token) {
    const std::string& path = (*inputs)[input];
    return speakers_of(path == "-" ? decode::Source::standard_input() : decode::Source::file(path),
                       *options, networks, decoders, events, token);
  };
  // Each file alone uses all cores.
  return run_files(settings, job, 1, report, output, stop);
}

}  // namespace steno::app
