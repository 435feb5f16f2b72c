#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "pipeline/pipeline.h"
#include "pipeline/speaker_stage.h"

namespace steno {

/// Names of the stages that are kept: what is said, and what there is to know of the voices.
inline constexpr const char* kWordsStage = "words";
inline constexpr const char* kVoicesStage = "voices";

/// What the stages of one recording have made, kept for an attempt after one that died, and for
/// another transcript of it. Not thread-safe.
class StageOutputs {
 public:
  virtual ~StageOutputs() = default;
  /// What keep() was given under this name, by any attempt or for the transcript before this one;
  /// nothing when it is not there or cannot be read: then it is made again.
  virtual std::optional<std::string> find(std::string_view name) = 0;
  /// Keeps it. When that fails the work goes on; what is lost is time, after a failure.
  virtual void keep(std::string_view name, std::string_view content) = 0;
};

/// Keeps nothing.
class NoStageOutputs : public StageOutputs {
 public:
  std::optional<std::string> find(std::string_view) override { return std::nullopt; }
  void keep(std::string_view, std::string_view) override {}
};

/// What a transcript is made with. Each is asked for when it is needed, from the caller's thread.
struct Recognizers {
  std::function<Result<std::shared_ptr<Pipeline>>()> speech;
  std::function<Result<std::shared_ptr<const diarize::Networks>>()> speakers;
};

/// A recording's way to its transcript:
///
/// 1. "words": what is said, and when (Pipeline);
/// 2. "voices": what there is to know of the speakers, beside 1 on the same samples where both are
///    to be made (diarize::Analyzer);
/// 3. whose voices are known, who says each word, and what becomes of the text (postprocess):
/// quick, and made anew.
///
/// What 1 and 2 make is kept in `stages`, each as soon as it is there, and taken from there if it
/// is; but nothing of 1 where something is to be redacted. `open` gives the audio; it is called
/// when there is something to hear, once. What fails in 2, or of the known
/// voices, is a warning of the transcript, unless the options require it.
///
/// Blocks; calls `sink` from this thread. Errors: those of validate(), of `open`, of
/// Pipeline::transcribe() and of the recognizers; cancelled, within a second after `stop` was
/// requested. Throws when the device of the speech model fails.
Result<Transcript> transcribe(const std::function<Result<AudioInput>()>& open,
                              const TranscribeOptions& options, const Recognizers& recognizers,
                              StageOutputs& stages, Sink& sink, std::stop_token stop);

/// Whether a transcript with `options` needs the recording, where the stages are those of one with
/// the options `before`, from which it differs only in what comes after the hearing.
bool needs_audio(const TranscribeOptions& options, const TranscribeOptions& before,
                 const std::function<bool(std::string_view stage)>& has_stage);

}  // namespace steno
