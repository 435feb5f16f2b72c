#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/checkpoint_log.h"
#include "base/result.h"
#include "domain/stage.h"
#include "options/options.h"
#include "pipeline/asr/asr.h"
#include "pipeline/decode/decode.h"
#include "pipeline/vad/vad.h"
#include "transcript/transcript.h"

// From audio to words:
//
//     SpeechModels models(vad_file);
//     const auto pipeline = models.get(config);                        // Result
//     auto audio = open_audio(decoders, source, {}, Channels::mix, stop);  // Result
//     const auto words = (*pipeline)->transcribe(*std::move(audio), options, sink, stop);
//     if (!words) return tl::unexpected(words.error());
//     for (const Segment& segment : words->segments) print(segment.text);
//
// For speakers, redaction and stored stage outputs, see stages.h.

namespace steno {

class Scheduler;

/// The progress of a transcription. `done` never decreases.
struct Progress {
  double done = 0;              ///< seconds of the recording whose words are known
  std::optional<double> total;  ///< length of the recording in seconds, once it is known
  double speed = 0;             ///< seconds of the recording per second of time
};

/// Receives segments and progress of one recording. Called from the thread that called
/// transcribe(). An exception ends the transcription and is rethrown there.
class Sink {
 public:
  virtual ~Sink() = default;
  /// The next segment, in the order of their start. It is final, but for its speakers. If options
  /// change the text, the segments come at the end.
  virtual void segment(const Segment& segment) = 0;
  /// Called first with nothing done, then after each advance.
  virtual void progress(const Progress&) {}
  /// The next stage, if it is not Stage::transcribing.
  virtual void enter(Stage) {}
};

/// Samples from any source, in the form of decode::Decoder.
struct AudioInput {
  std::string name;  ///< begins the warnings about it; may be empty
  int channels = 1;
  std::optional<double> duration;  ///< seconds, if known in advance
  /// The next samples, 16 kHz, one vector of equal length per channel; false at the end.
  std::function<Result<bool>(std::vector<std::vector<float>>& block)> read;
  /// Warnings about the audio, after its end.
  std::function<std::vector<std::string>()> warnings = [] { return std::vector<std::string>(); };
};

/// Opens a recording, with one channel or all of its channels. Errors: those of decode::Decoders
/// and decode::Decoder, here and from read(); cancelled, after `stop` was requested.
Result<AudioInput> open_audio(const decode::Decoders& decoders, const decode::Source& source,
                              std::optional<int> audio_track, Channels channels,
                              std::stop_token stop);

/// Transcribes recordings with one Whisper model. Decoding, voice activity detection and the model
/// run at the same time, in memory that does not depend on the recording's length. Calls from
/// several threads share the model and one batch queue (Scheduler). Thread-safe.
class Pipeline {
 public:
  Pipeline(std::shared_ptr<asr::SpeechModel> model, std::shared_ptr<const vad::Vad> vad);
  /// No call may be running.
  ~Pipeline();

  /// Blocks until the recording is done. Options of speakers and of post-processing are ignored
  /// here: they are for transcribe() of stages.h. Windows that `checkpoint` knows do not go through
  /// the model again; those that are done are recorded there. Errors: those of validate() and of
  /// decode::Decoder; invalid_argument for a language that the model does not have; cancelled,
  /// within a second after `stop` was requested. Throws when the device fails.
  Result<Transcript> transcribe(AudioInput audio, const TranscribeOptions& options, Sink& sink,
                                std::stop_token stop = {},
                                std::shared_ptr<CheckpointLog> checkpoint = nullptr);

  const asr::ModelInfo& model() const { return model_->info(); }
  /// Stands for the model and how it computes: transcripts of models with one digest are equal.
  const std::string& digest() const { return model_->digest(); }

 private:
  std::shared_ptr<asr::SpeechModel> model_;
  std::shared_ptr<const vad::Vad> vad_;
  std::unique_ptr<Scheduler> scheduler_;
};

}  // namespace steno
