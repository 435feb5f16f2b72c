#pragma once

#include <optional>
#include <stop_token>

#include "base/result.h"
#include "domain/job.h"
#include "pipeline/pipeline.h"
#include "pipeline/stages.h"
#include "transcript/transcript.h"

namespace steno {

/// Turns the audio of a job into its transcript. Thread-safe: several jobs at the same time.
class Transcriber {
 public:
  virtual ~Transcriber() = default;
  /// Blocks and calls `sink` from this thread, for the first time when the model is ready.
  /// Continues from the outputs in `stages` and keeps new ones there. Ends within a second after
  /// `stop` was requested, with Errc::cancelled.
  ///
  /// `audio` is none if the job has no recording. That is bad_audio unless `stages` has all that is
  /// needed. Other errors: those of Pipeline::transcribe(). Messages and warnings are for the
  /// client: they call the recording by the name in `audio` and contain no path of this machine.
  /// Throws when the device fails.
  virtual Result<Transcript> transcribe(const Job& job, const std::optional<decode::Source>& audio,
                                        StageOutputs& stages, Sink& sink, std::stop_token stop) = 0;
};

}  // namespace steno
