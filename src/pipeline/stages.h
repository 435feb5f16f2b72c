#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/stage.h"
#include "pipeline/checkpoint.h"
#include "pipeline/pipeline.h"
#include "pipeline/speaker_stage.h"

// From a recording to its transcript, through all stages:
//
//     NoStageOutputs outputs;                       // or those of a job, kept in blobs
//     const auto open = [&] { return open_audio(decoders, source, {}, Channels::mix, stop); };
//     const Recognizers recognizers{load_pipeline, load_networks, decoders};
//     const auto transcript = transcribe(open, options, recognizers, outputs, sink, stop);
//     if (!transcript) return tl::unexpected(transcript.error());

namespace steno {

/// Stored outputs of the stages of one recording, for a retry or a rerun. find() and keep() are
/// called from one thread at a time.
class StageOutputs {
 public:
  virtual ~StageOutputs() = default;
  /// The output stored under this name by any attempt, or by the original of a rerun. None if it
  /// does not exist or cannot be read; then the stage runs again.
  virtual std::optional<std::string> find(std::string_view name) = 0;
  /// Stores an output. If that fails, the work continues, and a retry runs the stage again.
  virtual void keep(std::string_view name, std::string_view content) = 0;
  /// The storage for checkpoints, valid as long as this object; null: none.
  virtual CheckpointStore* checkpoints() { return nullptr; }
};

/// Stores nothing.
class NoStageOutputs : public StageOutputs {
 public:
  std::optional<std::string> find(std::string_view) override { return std::nullopt; }
  void keep(std::string_view, std::string_view) override {}
};

/// The models that the stages use, each requested when it is needed, from the caller's thread; and
/// the decoders of the known speakers' recordings.
struct Recognizers {
  std::function<Result<std::shared_ptr<Pipeline>>()> speech;
  std::function<Result<std::shared_ptr<const diarize::Networks>>()> speakers;
  const decode::Decoders& decoders;
};

/// Runs the stages of transcript_stages() in their order. The output of a stage is kept in
/// `outputs` as soon as it is there, and taken from there if it is; no text is kept where something
/// is to be redacted. Meanwhile checkpoints are kept, so that a retry after a worker crash
/// continues within a stage. `open` gives the audio; it is called once, and only if a stage needs
/// it. If an optional stage fails, the transcript gets a warning, unless the options require the
/// stage.
///
/// Blocks; calls `sink` from this thread. Errors: those of validate(), of `open`, of
/// Pipeline::transcribe() and of the recognizers; cancelled, within a second after `stop` was
/// requested. Throws when the device of the speech model fails.
Result<Transcript> transcribe(const std::function<Result<AudioInput>()>& open,
                              const TranscribeOptions& options, const Recognizers& recognizers,
                              StageOutputs& outputs, Sink& sink, std::stop_token stop);

/// Whether a transcript with `options` needs the recording, given the stage outputs of a transcript
/// with the options `before`, which differs only in options of later stages.
bool needs_audio(const TranscribeOptions& options, const TranscribeOptions& before,
                 const std::function<bool(std::string_view output)>& has_output);

/// The work on one recording: what its stages read and what they make. Private to stages.cc.
struct StageWork;

/// One stage of a transcript. To add a stage:
///
/// 1. Add its name to Stage (domain/stage.h), in the order of an attempt, and to the names in
///    stage.cc. Clients see the name.
/// 2. If its output is worth keeping for a retry or a rerun, name the output beside kWordsOutput.
/// 3. Write its function in stages.cc: it reads StageWork, writes its result there, calls
///    StageOutputs::keep(), and returns `cancelled` soon after StageWork::stop was requested.
/// 4. Add its entry to the list in stages.cc, behind the stages that it needs. An entry that sends
///    text comes behind Stage::postprocessing, which redacts.
/// 5. Test it in tests/unit/pipeline/stages_test.cc, which also checks the list.
struct StageEntry {
  Stage name;
  std::span<const Stage> needs;  ///< stages whose output it reads, where wanted; they come before
  /// Runs the stage, or takes its output from the outputs that are kept.
  Result<void> (*run)(StageWork& work);
  /// Name of its output in StageOutputs; null: quick, and made again each time.
  const char* kept = nullptr;
  bool (*is_wanted)(const TranscribeOptions& options);
  bool reads_audio = false;
  /// Text leaves the process: such a stage comes after Stage::postprocessing, which redacts.
  bool sends_text = false;
  /// If it fails, that is a warning, unless the options require this; none: the transcript fails.
  std::optional<OptionalStage> optional = std::nullopt;
};

/// The stages in the order in which they run. Words and voices that are both missing are made at
/// the same time, from the same samples.
std::span<const StageEntry> transcript_stages();

}  // namespace steno
