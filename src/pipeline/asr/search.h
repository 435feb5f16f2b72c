#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/prompt.h"
#include "pipeline/asr/quality.h"

namespace steno::asr {

/// Feature frames of Whisper's whole window.
inline constexpr int kMaxFrames = 3000;
/// Silence that the encoder is given behind short speech, in frames. With 2 s of it some clips
/// repeat themselves or get words wrong, with 6 to 10 s hardly any do.
inline constexpr int kTrailingSilenceFrames = 800;

/// Frames given to the encoder for a window with `speech` frames: whole windows, where a device
/// wants all of a batch to have one length.
int encoder_frames(int speech, const ModelInfo& model);

/// One window on its way through the model.
struct SearchWindow {
  Features features;  ///< of its audio alone
  double seconds = 0;
  bool audible = true;
  Prompt prompt;
  EncodedPtr encoded;
  int encoded_frames = 0;  ///< features' frames and the silence behind them
};

/// What a search found; `tokens` of the hypothesis begin with the prompt's prefix.
struct Found {
  Hypothesis hypothesis;
  Verdict verdict;
  double temperature = 0;       ///< of this hypothesis
  double last_temperature = 0;  ///< the highest that was tried
  bool truncated = false;       ///< the text did not fit into one window's tokens
};

/// A window over `samples`, not yet encoded, without a prompt.
SearchWindow make_window(SpeechModel& model, std::span<const float> samples);

enum class Padding { usual, full };
/// Encodes those windows that are not encoded with that much padding yet.
void encode_windows(SpeechModel& model, std::span<SearchWindow* const> windows, Padding padding);

/// Searches encoded windows at the first temperature; those that fail (see judge) once more with
/// full padding, then at each next temperature. When all fail, the one with the best mean
/// log-probability of those that do not repeat, as in faster_whisper's generate_with_fallback.
std::vector<Found> search_windows(SpeechModel& model, std::span<SearchWindow> windows,
                                  const TranscribeOptions& options, std::stop_token stop);

/// The segment's text and figures, from its tokens and what the search found.
void describe(Segment& segment, const Found& found, const Tokenizer& tokenizer);

}  // namespace steno::asr
