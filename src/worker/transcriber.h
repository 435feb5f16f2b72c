#pragma once

#include <filesystem>
#include <stop_token>

#include "base/result.h"
#include "domain/job.h"
#include "pipeline/pipeline.h"
#include "pipeline/stages.h"
#include "transcript/transcript.h"

namespace steno {

/// Turns the audio of a job into its transcript. Thread-safe: several jobs at once.
class Transcriber {
 public:
  virtual ~Transcriber() = default;
  /// Blocks; calls `sink` from this thread, for the first time when the model is ready; leaves what
  /// it makes in `stages` and begins with what an earlier attempt has left there. Ends within a
  /// second after `stop` was requested, with Errc::cancelled. Errors as Pipeline::transcribe();
  /// their messages and the transcript's warnings may name `audio`,
  /// which is empty where there is none: bad_audio, if the stages do not have all that is needed.
  /// Throws when the device fails.
  virtual Result<Transcript> transcribe(const Job& job, const std::filesystem::path& audio,
                                        StageOutputs& stages, Sink& sink, std::stop_token stop) = 0;
};

}  // namespace steno
