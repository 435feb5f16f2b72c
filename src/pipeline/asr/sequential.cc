#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/asr/alignment.h"
#include "pipeline/asr/asr.h"
#include "pipeline/asr/audio_queue.h"
#include "pipeline/asr/hallucination.h"
#include "pipeline/asr/language.h"
#include "pipeline/asr/loops.h"
#include "pipeline/asr/search.h"
#include "pipeline/asr/segments.h"
#include "pipeline/asr/text.h"

namespace steno::asr {
namespace {

using Frames = std::int64_t;

constexpr int kSamplesPerFrame = kSampleRate / kFramesPerSecond;
constexpr Frames kNoEnd = std::numeric_limits<Frames>::max() / kSamplesPerFrame;

/// A stretch that `clip_timestamps` asks for, in frames.
struct Clip {
  Frames begin;
  Frames end;
};

std::vector<Clip> clips_of(const std::vector<double>& timestamps) {
  std::vector<Frames> points;
  for (const double seconds : timestamps) {
    points.push_back(std::llround(seconds * kFramesPerSecond));
  }
  if (points.empty()) points.push_back(0);
  if (points.size() % 2 == 1) points.push_back(kNoEnd);
  std::vector<Clip> clips;
  for (size_t i = 0; i < points.size(); i += 2) clips.push_back({points[i], points[i + 1]});
  return clips;
}

double seconds_of(Frames frames) { return static_cast<double>(frames) / kFramesPerSecond; }

}  // namespace

struct SequentialTranscriber::State {
  State(SpeechModel& speech_model, std::string code, const TranscribeOptions& transcribe_options,
        Pull pull)
      : model(speech_model),
        options(transcribe_options),
        language(speech_model.info().multilingual ? std::move(code) : "en"),
        audio(std::move(pull)),
        clips(clips_of(transcribe_options.clip_timestamps)),
        history(encode_initial_prompt(speech_model.tokenizer(), transcribe_options)),
        window_frames(std::min<Frames>(
            kMaxFrames,
            std::llround(options.chunk_length.value_or(kMaxWindowSeconds) * kFramesPerSecond))) {
    options.without_timestamps = options.without_timestamps.value_or(false);
  }

  bool find_window();
  void detect_window_language();
  void build();
  Found search(std::stop_token stop);
  Frames time_words(std::vector<Segment>& segments, bool ends_in_single_timestamp, Frames advance);
  void remember(const std::vector<Segment>& segments, double temperature);

  SpeechModel& model;
  TranscribeOptions options;
  std::string language;
  AudioQueue audio;
  std::vector<Clip> clips;
  size_t clip = 0;
  Frames seek = 0;
  bool first = true;         ///< the prefix is for the first window
  std::vector<int> history;  ///< tokens of the text before, since the last reset
  Frames window_frames;
  double last_speech = 0;
  SearchWindow window;
};

/// Moves to the next window with audio in it; false when there is none.
bool SequentialTranscriber::State::find_window() {
  for (; clip < clips.size(); ++clip) {
    seek = std::max(seek, clips[clip].begin);
    if (seek >= clips[clip].end) continue;
    audio.skip_to(seek * kSamplesPerFrame);
    const Frames size = std::min(window_frames, clips[clip].end - seek);
    const auto samples = audio.at(seek * kSamplesPerFrame, size * kSamplesPerFrame);
    // Less than one frame is no audio.
    if (samples.size() < static_cast<size_t>(kSamplesPerFrame)) {
      if (audio.ended()) return false;
      continue;
    }
    window = make_window(model, samples);
    return true;
  }
  return false;
}

void SequentialTranscriber::State::detect_window_language() {
  if (!options.multilingual || !model.info().multilingual) return;
  const auto probabilities = model.engine().detect_language({&window.encoded, 1});
  language = likeliest_language(probabilities[0], model.tokenizer()).language;
}

void SequentialTranscriber::State::build() {
  const std::string_view prefix = first ? options.prefix : std::string_view();
  first = false;
  window.prompt = build_prompt(model.tokenizer(), options, language, history, prefix,
                               *options.without_timestamps);
}

Found SequentialTranscriber::State::search(std::stop_token stop) {
  SearchWindow* const windows[] = {&window};
  encode_windows(model, windows, Padding::usual);
  detect_window_language();
  build();
  auto found = search_windows(model, {&window, 1}, options, std::move(stop))[0];
  if (found.verdict.repeats) {
    found.hypothesis.tokens = cut_at_loop(found.hypothesis.tokens, model.tokenizer().eot());
  }
  return found;
}

/// Times the words of a window and returns how many frames further the next one begins.
Frames SequentialTranscriber::State::time_words(std::vector<Segment>& segments,
                                                bool ends_in_single_timestamp, Frames advance) {
  const double begin = seconds_of(seek);
  const double end = begin + window.seconds;
  AlignWindow to_align{window.encoded, window.features.frames, segments, begin, end, last_speech};
  align_segments(model, {&to_align, 1}, language, options);
  const auto last_word_end = [&]() -> std::optional<double> {
    for (auto at = segments.rbegin(); at != segments.rend(); ++at) {
      if (!at->words.empty()) return at->words.back().end;
    }
    return segments.empty() ? std::nullopt : std::optional(segments.back().end);
  };
  auto last = last_word_end();
  if (!ends_in_single_timestamp && last && *last > begin) {
    advance = std::llround(*last * kFramesPerSecond) - seek;
  }
  if (options.hallucination_silence_threshold) {
    const double threshold = *options.hallucination_silence_threshold;
    const auto horizon = seek * kSamplesPerFrame +
                         static_cast<Frames>((kMaxWindowSeconds + threshold) * kSampleRate);
    audio.fill_to(horizon);
    const double left = static_cast<double>(audio.known()) / kSampleRate - begin;
    const TimedWindow timed{begin, window.seconds, begin + kMaxWindowSeconds, last_speech, left};
    const auto next = drop_hallucinations(segments, timed, threshold);
    if (next) advance = std::llround((*next - begin) * kFramesPerSecond);
    last = last_word_end();
  }
  if (last) last_speech = *last;
  return advance;
}

void SequentialTranscriber::State::remember(const std::vector<Segment>& segments,
                                            double temperature) {
  for (const Segment& segment : segments) {
    history.insert(history.end(), segment.tokens.begin(), segment.tokens.end());
  }
  const bool forget =
      !options.condition_on_previous_text || temperature > options.prompt_reset_on_temperature;
  if (forget) history.clear();
  // A prompt has no room for more.
  if (history.size() > kMaxDecoderLength) {
    history.erase(history.begin(), history.end() - kMaxDecoderLength);
  }
}

SequentialTranscriber::SequentialTranscriber(SpeechModel& model, std::string language,
                                             const TranscribeOptions& options, Pull pull)
    : state_(std::make_unique<State>(model, std::move(language), options, std::move(pull))) {}

SequentialTranscriber::~SequentialTranscriber() = default;

bool SequentialTranscriber::next(std::vector<Segment>& segments, std::stop_token stop) {
  State& state = *state_;
  segments.clear();
  if (stop.stop_requested() || !state.find_window()) return false;
  const Found found = state.search(stop);
  if (stop.stop_requested()) return false;
  Frames advance = state.window.features.frames;
  if (!found.verdict.no_speech) {
    const auto& tokenizer = state.model.tokenizer();
    const WindowSpan span{seconds_of(state.seek), state.window.seconds,
                          state.window.features.frames};
    auto split = split_by_timestamps(found.hypothesis.tokens, tokenizer.timestamp_begin(), span);
    advance = split.advance;
    segments = std::move(split.segments);
    for (Segment& segment : segments) describe(segment, found, tokenizer);
    if (state.options.word_timestamps) {
      advance = state.time_words(segments, split.ends_in_single_timestamp, advance);
    }
    std::erase_if(segments, [](const Segment& segment) {
      return segment.start == segment.end || strip(segment.text).empty();
    });
    state.remember(segments, found.last_temperature);
  }
  // A window without text that hardly moves on would be read again and again.
  const bool stuck = advance <= 0 || (segments.empty() && advance < kFramesPerSecond);
  state.seek += stuck ? Frames{state.window.features.frames} : advance;
  return true;
}

double SequentialTranscriber::position() const {
  const State& state = *state_;
  const double known = static_cast<double>(state.audio.known()) / kSampleRate;
  return std::min(seconds_of(state.seek), known);
}

const std::string& SequentialTranscriber::language() const { return state_->language; }

}  // namespace steno::asr
