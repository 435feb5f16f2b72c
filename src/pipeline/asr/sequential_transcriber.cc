// Problem: Whisper's own loop conditions each window on the previous text, so that a repetition or
// a hallucination spreads to all later windows. Idea: follow faster-whisper's loop, but cut a loop
// in the text at once, keep repetitive text out of the next prompt, and decode the rest of a
// damaged window again in shorter pieces. The position only advances to the end of text that is
// trusted, so no speech is skipped.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/step_key.h"
#include "pipeline/asr/alignment.h"
#include "pipeline/asr/asr.h"
#include "pipeline/asr/audio_queue.h"
#include "pipeline/asr/hallucination.h"
#include "pipeline/asr/loops.h"
#include "pipeline/asr/pieces.h"
#include "pipeline/asr/records.h"
#include "pipeline/asr/search.h"
#include "pipeline/asr/segments.h"
#include "pipeline/asr/spoken_languages.h"
#include "pipeline/asr/token_text.h"

namespace steno::asr {
namespace {

using Frames = std::int64_t;

constexpr int kSamplesPerFrame = kSampleRate / kFramesPerSecond;
/// The limit of look-ahead after a window, for any hallucination_silence_threshold.
constexpr double kMaxLookAheadSeconds = kMaxWantedSeconds - kMaxWindowSeconds;
/// After a stuck search, windows are cut from this much audio, because a loop needs long audio.
constexpr size_t kPieceSamples = 15 * kSampleRate;
/// Text that ends closer than this to the end of its window is complete.
constexpr double kSurelyTheEndSeconds = 1;

std::optional<double> last_word_end(const std::vector<Segment>& segments) {
  for (auto at = segments.rbegin(); at != segments.rend(); ++at) {
    if (!at->words.empty()) return at->words.back().end;
  }
  return segments.empty() ? std::nullopt : std::optional(segments.back().end);
}

}  // namespace

struct SequentialTranscriber::State {
  State(SpeechModel& speech_model, std::string code, const TranscribeOptions& transcribe_options,
        Pull pull, StepLog step_log)
      : model(speech_model),
        options(transcribe_options),
        language(speech_model.info().multilingual ? std::move(code) : "en"),
        audio(std::move(pull)),
        steps(std::move(step_log)),
        history(encode_initial_prompt(speech_model.tokenizer(), transcribe_options)),
        window_frames(std::min<Frames>(
            kMaxFrames,
            std::llround(options.chunk_length.value_or(kMaxWindowSeconds) * kFramesPerSecond))) {
    options.without_timestamps = options.without_timestamps.value_or(false);
  }

  double now() const {
    return static_cast<double>(stretch + seek * kSamplesPerFrame) / kSampleRate;
  }
  Frames look_ahead() const;
  std::span<const float> window_samples();
  bool find_window();
  std::string step_key(std::span<const float> samples);
  std::string step_record(const std::vector<Segment>& segments) const;
  bool apply(std::string_view record, std::vector<Segment>& segments);
  std::span<const float> in_one_language(std::span<const float> samples);
  void build();
  Found search(std::stop_token stop);
  bool cut_loop(std::vector<int>& tokens) const;
  bool may_contain_more(const Found& found, const std::vector<Segment>& segments) const;
  Frames time_words(std::vector<Segment>& segments, const SegmentSplit& split);
  Frames time_segments(std::vector<Segment>& segments, SegmentSplit split, const Found& found);
  std::optional<Frames> skip_hallucinations(std::vector<Segment>& segments);
  void remember(const std::vector<Segment>& segments, double temperature);

  SpeechModel& model;
  TranscribeOptions options;
  std::string language;
  double language_probability = 1;
  AudioQueue audio;
  StepLog steps;
  std::string key;           ///< of the next window, once recall() has looked for it
  std::int64_t stretch = 0;  ///< the first sample of the stretch
  Frames seek = 0;           ///< position within the stretch
  Frames pieces_until = 0;   ///< end of the last window that looped, within the stretch
  bool first = true;         ///< the prefix applies to the first window only
  std::vector<int> history;  ///< tokens of the previous text since the last reset
  Frames window_frames;
  bool looped = false;  ///< a loop was cut off in the last window
  double last_speech = 0;
  SearchWindow window;
};

/// The number of frames after a window that show whether the recording continues.
Frames SequentialTranscriber::State::look_ahead() const {
  if (!options.word_timestamps || !options.hallucination_silence_threshold) return 0;
  const double seconds = std::min(*options.hallucination_silence_threshold, kMaxLookAheadSeconds);
  return std::llround(seconds * kFramesPerSecond);
}

/// The samples of the next window. Empty if the stretch has no more windows.
std::span<const float> SequentialTranscriber::State::window_samples() {
  const std::int64_t begin = stretch + seek * kSamplesPerFrame;
  audio.skip_to(begin);
  const auto samples = audio.at(begin, window_frames * kSamplesPerFrame);
  // Less than one frame is no audio.
  if (samples.size() < static_cast<size_t>(kSamplesPerFrame)) return {};
  if (seek >= pieces_until) return samples;
  const auto cut = quietest_cut(samples.first(std::min(samples.size(), kPieceSamples)));
  return samples.first(cut.value_or(samples.size()));
}

/// Finds the next window. If the stretch has no more windows, goes on to the next stretch and
/// returns false.
bool SequentialTranscriber::State::find_window() {
  const auto samples = window_samples();
  if (samples.empty()) {
    audio.next_stretch();
    stretch = audio.known();
    seek = pieces_until = 0;
    return false;
  }
  window = make_window(model, in_one_language(samples));
  return true;
}

/// With `multilingual`, detects the language and returns the samples up to its first change.
std::span<const float> SequentialTranscriber::State::in_one_language(
    std::span<const float> samples) {
  if (!options.multilingual || !model.info().multilingual) return samples;
  const LanguagePart first = spoken_languages(model, samples, {}).front();
  language = first.language;
  language_probability = first.probability;
  return samples.first(first.end);
}

/// A digest of everything that the result of a window depends on, except model and options.
std::string SequentialTranscriber::State::step_key(std::span<const float> samples) {
  StepKey all("sequential window");
  all.add(steps.channel).add(stretch).add(seek).add(pieces_until).add(first);
  all.add(language).add(last_speech).add(std::span<const int>(history)).add(samples);
  if (look_ahead() > 0) {
    // Hallucinations are judged by whether the stretch ends after the window.
    audio.fill_to(stretch + (seek + window_frames + look_ahead()) * kSamplesPerFrame);
    all.add(audio.ended() ? audio.known() : 0);
  }
  return all.finish();
}

/// The segments of a window and the state after it.
std::string SequentialTranscriber::State::step_record(const std::vector<Segment>& segments) const {
  ByteWriter out;
  write_segments(out, segments);
  out.number(seek).number(pieces_until).numbers(history).number(last_speech);
  out.text(language).number(language_probability);
  return out.bytes();
}

/// Returns false, and changes nothing, if the record cannot be read.
bool SequentialTranscriber::State::apply(std::string_view record, std::vector<Segment>& segments) {
  ByteReader in(record);
  auto recorded = read_segments(in);
  const auto next_seek = in.number<Frames>();
  const auto next_pieces = in.number<Frames>();
  auto next_history = in.numbers<int>();
  const auto next_last_speech = in.number<double>();
  const auto next_language = in.text();
  const auto next_probability = in.number<double>();
  if (!in.is_whole()) return false;
  segments = std::move(recorded);
  seek = next_seek;
  pieces_until = next_pieces;
  history = std::move(next_history);
  last_speech = next_last_speech;
  language = next_language;
  language_probability = next_probability;
  first = false;
  return true;
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
  build();
  auto found = search_windows(model, {&window, 1}, options, std::move(stop))[0];
  looped = found.verdict.repeats && cut_loop(found.hypothesis.tokens);
  return found;
}

/// Cuts off a loop after its first phrase, and ends that phrase with its timestamp if it has one.
/// Returns false if there is no loop.
bool SequentialTranscriber::State::cut_loop(std::vector<int>& tokens) const {
  const Tokenizer& tokenizer = model.tokenizer();
  auto kept = cut_at_loop(tokens, tokenizer.eot());
  if (kept.size() == tokens.size()) return false;
  const int next = tokens[kept.size()];
  if (next >= tokenizer.timestamp_begin()) kept.insert(kept.end(), 2, next);
  tokens = std::move(kept);
  return true;
}

/// Adds word times to a window. Returns the number of frames to the start of the next window.
Frames SequentialTranscriber::State::time_words(std::vector<Segment>& segments,
                                                const SegmentSplit& split) {
  const double begin = now();
  AlignWindow to_align{window.encoded, window.features.frames, segments,
                       begin,          begin + window.seconds, last_speech};
  align_segments(model, {&to_align, 1}, language, options);
  const auto last = last_word_end(segments);
  if (split.ends_in_single_timestamp || !last || *last <= begin) return split.advance;
  return std::llround((*last - begin) * kFramesPerSecond);
}

/// Drops hallucinated segments (hallucination_silence_threshold). If any were dropped, returns the
/// number of frames to the start of the next window.
std::optional<Frames> SequentialTranscriber::State::skip_hallucinations(
    std::vector<Segment>& segments) {
  if (!options.hallucination_silence_threshold) return {};
  const double begin = now();
  audio.fill_to(stretch + (seek + window_frames + look_ahead()) * kSamplesPerFrame);
  const double left = audio.ended() ? static_cast<double>(audio.known()) / kSampleRate - begin
                                    : std::numeric_limits<double>::infinity();
  const TimedWindow timed{begin, window.seconds, begin + kMaxWindowSeconds, last_speech, left};
  const auto next = drop_hallucinations(segments, timed, *options.hallucination_silence_threshold);
  if (!next) return {};
  return std::llround((*next - begin) * kFramesPerSecond);
}

/// Whether a window may contain more speech than was found: a loop was cut off, or the search was
/// stuck and the result at a higher temperature ends early.
bool SequentialTranscriber::State::may_contain_more(const Found& found,
                                                    const std::vector<Segment>& segments) const {
  if (looped) return true;
  const bool again = !options.temperature.empty() && found.temperature > options.temperature[0];
  return again && segments.back().end < now() + window.seconds - kSurelyTheEndSeconds;
}

/// Adds word times to a window if requested. Returns the number of frames to the start of the next
/// window. If the window may contain more speech, the next window starts at the end of the text, so
/// that the rest is decoded again.
Frames SequentialTranscriber::State::time_segments(std::vector<Segment>& segments,
                                                   SegmentSplit split, const Found& found) {
  const bool goes_on = may_contain_more(found, segments);
  // After a stuck search, the timestamps do not give the end of the text reliably; the words do.
  if (goes_on) {
    split.ends_in_single_timestamp = false;
    pieces_until = std::max(pieces_until, seek + window.features.frames);
  }
  const bool by_words = options.word_timestamps || goes_on;
  const Frames advance = by_words ? time_words(segments, split) : split.advance;
  if (!options.word_timestamps) {
    for (Segment& segment : segments) segment.words.clear();
  }
  return goes_on ? std::max<Frames>(advance, kFramesPerSecond) : advance;
}

void SequentialTranscriber::State::remember(const std::vector<Segment>& segments,
                                            double temperature) {
  for (const Segment& segment : segments) {
    history.insert(history.end(), segment.tokens.begin(), segment.tokens.end());
  }
  // A prompt that loops makes the next window loop too.
  const bool loops = find_text_loop(history, model.tokenizer().eot()).has_value();
  const bool forget = !options.condition_on_previous_text || loops ||
                      temperature > options.prompt_reset_on_temperature;
  if (forget) history.clear();
  // A prompt holds no more than this.
  if (history.size() > kMaxDecoderLength) {
    history.erase(history.begin(), history.end() - kMaxDecoderLength);
  }
}

SequentialTranscriber::SequentialTranscriber(SpeechModel& model, std::string language,
                                             const TranscribeOptions& options, Pull pull,
                                             StepLog steps)
    : state_(std::make_unique<State>(model, std::move(language), options, std::move(pull),
                                     std::move(steps))) {}

SequentialTranscriber::~SequentialTranscriber() = default;

bool SequentialTranscriber::recall(std::vector<Segment>& segments) {
  State& state = *state_;
  segments.clear();
  state.key.clear();
  if (!state.steps.log) return false;
  const auto samples = state.window_samples();
  if (samples.empty()) return false;
  state.key = state.step_key(samples);
  const auto record = state.steps.log->take(state.key);
  return record && state.apply(*record, segments);
}

bool SequentialTranscriber::next(std::vector<Segment>& segments, std::stop_token stop) {
  State& state = *state_;
  segments.clear();
  if (stop.stop_requested() || !state.find_window()) return false;
  const Found found = state.search(stop);
  if (stop.stop_requested()) return false;
  Frames advance = state.window.features.frames;
  // A window without text must advance, otherwise it would be read again and again.
  Frames least = kFramesPerSecond;
  if (!found.verdict.no_speech) {
    const auto& tokenizer = state.model.tokenizer();
    const WindowSpan span{state.now(), state.window.seconds, state.window.features.frames};
    const auto split =
        split_by_timestamps(found.hypothesis.tokens, tokenizer.timestamp_begin(), span);
    segments = split.segments;
    for (Segment& segment : segments) describe(segment, found, tokenizer);
    advance = state.time_segments(segments, split, found);
    if (state.options.word_timestamps) {
      if (const auto skip = state.skip_hallucinations(segments)) {
        advance = *skip;
        least = 1;
      }
      state.last_speech = last_word_end(segments).value_or(state.last_speech);
    }
    std::erase_if(segments, [](const Segment& segment) {
      return segment.start == segment.end || strip(segment.text).empty();
    });
    state.remember(segments, found.last_temperature);
  }
  if (!segments.empty()) least = 1;
  state.seek += advance < least ? Frames{state.window.features.frames} : advance;
  if (!state.key.empty()) state.steps.log->record(state.key, state.step_record(segments));
  state.key.clear();
  return true;
}

std::int64_t SequentialTranscriber::wanted() const {
  const State& state = *state_;
  if (state.audio.ended()) return 0;
  const Frames end = state.seek + state.window_frames + state.look_ahead();
  return std::max<std::int64_t>(0, state.stretch + end * kSamplesPerFrame - state.audio.known());
}

double SequentialTranscriber::position() const {
  const State& state = *state_;
  const double known = static_cast<double>(state.audio.known()) / kSampleRate;
  return std::min(state.now(), known);
}

DetectedLanguage SequentialTranscriber::language() const {
  return {state_->language, state_->language_probability};
}

}  // namespace steno::asr
