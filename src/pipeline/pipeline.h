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

namespace steno {

class Scheduler;

/// How far a transcription is; `done` only grows.
struct Progress {
  double done = 0;              ///< seconds of the recording whose words are known
  std::optional<double> total;  ///< seconds of the recording, once it is known
  double speed = 0;             ///< seconds of the recording per second of time
};

/// Takes what becomes known of one recording. Called from the thread that called transcribe(); what
/// it throws ends the transcription and comes out there.
class Sink {
 public:
  virtual ~Sink() = default;
  /// The next segment, in the order of their start; as it will be in the transcript, unless parts
  /// of it get speakers. Where options change the text, segments come when all of it is known.
  virtual void segment(const Segment& segment) = 0;
  /// First of all with nothing done, then whenever more is.
  virtual void progress(const Progress&) {}
  /// The next stage, if it is not Stage::transcribing.
  virtual void enter(Stage) {}
};

/// Samples from anywhere: what decode::Decoder gives.
struct AudioInput {
  int channels = 1;
  std::optional<double> duration;  ///< seconds, as far as it is known before
  /// The next samples, 16 kHz, one vector of equal length per channel; false at the end.
  std::function<Result<bool>(std::vector<std::vector<float>>& block)> read;
  /// What there is to say of the audio when it has ended.
  std::function<std::vector<std::string>()> warnings = [] { return std::vector<std::string>(); };
};

/// A recording's samples as they are decoded, of one channel or as many as it has. Errors: those of
/// decode::Decoder, here and while it is read; cancelled, after `stop` was requested.
Result<AudioInput> open_audio(const decode::Source& source, int audio_track, Channels channels,
                              std::stop_token stop);

/// From a recording to its words: decoding, voice activity and one Whisper model, all at work
/// at the same time, in memory that does not depend on the recording's length. Calls from several
/// threads share the model and one batch queue (Scheduler). Thread-safe.
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
