#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/prompt.h"
#include "pipeline/asr/quality.h"

namespace steno::asr {

/// Feature frames of Whisper's full window.
inline constexpr int kMaxFrames = 3000;
/// Silence, in frames, that the encoder gets after short speech. With 2 s, some clips repeat
/// themselves or have wrong words. With 6 to 10 s, this is rare.
inline constexpr int kTrailingSilenceFrames = 800;

/// The number of frames that the encoder gets for a window with `speech` frames. A device that
/// needs equal lengths gets full windows.
int encoder_frames(int speech, const ModelInfo& model);

/// One window with its state in the search.
struct SearchWindow {
  Features features;  ///< of its audio only
  double seconds = 0;
  bool audible = true;
  /// The caller divides the window if its text repeats itself, so higher temperatures are not tried
  /// then: they would hide repeated speech behind a shorter text.
  bool is_divisible = false;
  Prompt prompt;
  EncodedPtr encoded;
  int encoded_frames = 0;  ///< frames of the features and the silence after them
};

/// The result of a search. The hypothesis' `tokens` begin with the prompt's prefix.
struct Found {
  Hypothesis hypothesis;
  Verdict verdict;
  double temperature = 0;       ///< of this hypothesis
  double last_temperature = 0;  ///< the highest temperature that was tried
  bool truncated = false;       ///< the text did not fit into one window's tokens
};

/// Makes a window over `samples`, without encoder output and prompt.
SearchWindow make_window(SpeechModel& model, std::span<const float> samples);

enum class Padding { usual, full };
/// Encodes the windows that are not yet encoded with that padding.
void encode_windows(SpeechModel& model, std::span<SearchWindow* const> windows, Padding padding);

/// Searches encoded windows at the first temperature. Windows that fail (see judge) are searched
/// again with full padding, then at each next temperature. If all attempts fail, returns the one
/// with the best mean log-probability among those without repetition, as faster_whisper's
/// generate_with_fallback. But a text that is hopeless (see kHopeless) never replaces a likelier
/// one that repeats itself, because the caller can cut or divide that one.
std::vector<Found> search_windows(SpeechModel& model, std::span<SearchWindow> windows,
                                  const TranscribeOptions& options, std::stop_token stop);

/// Sets the segment's text and statistics from its tokens and the search result.
void describe(Segment& segment, const Found& found, const Tokenizer& tokenizer);

}  // namespace steno::asr
