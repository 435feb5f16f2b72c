#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/checkpoint_log.h"
#include "pipeline/pipeline.h"
#include "pipeline/words/merger.h"
#include "pipeline/words/scheduler.h"
#include "pipeline/words/span_finder.h"

namespace steno {

/// One recording on its way through batched or sequential decoding.
struct Transcription {
  AudioInput audio;
  const TranscribeOptions& options;
  std::shared_ptr<asr::SpeechModel> model;
  std::shared_ptr<const vad::Vad> vad;
  std::unique_ptr<Scheduler::Lane> lane;
  Merger merger;
  std::stop_token stop;
  std::shared_ptr<CheckpointLog> checkpoint;  ///< results of earlier attempts; may be null
};

/// Transcribes windows of up to chunk_length independently, on all replicas.
Result<Transcript> transcribe_in_batches(Transcription& call);
/// Transcribes one window after the other, each conditioned on the text before it.
Result<Transcript> transcribe_in_sequence(Transcription& call);

/// Whether the language must be detected before the first window is decoded.
bool must_detect_language(const Transcription& call);
/// The language that the caller or the model determines; empty if it is detected while decoding.
std::string given_language(const Transcription& call);
/// The language of `stretches`, found by a replica or in the checkpoint; nothing when the call was
/// stopped.
std::optional<asr::DetectedLanguage> detect_language(Transcription& call,
                                                     std::vector<std::vector<float>> stretches);

/// Reads the recording to its end and passes the samples of each channel to `push(channel,
/// samples)`. Fails with cancelled if `push` returns false.
Result<void> read_samples(Transcription& call,
                          const std::function<bool(int channel, std::span<const float>)>& push);

}  // namespace steno
