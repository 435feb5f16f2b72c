#include <algorithm>
#include <deque>
#include <future>
#include <utility>

#include "base/mutex.h"
#include "base/step_key.h"
#include "pipeline/words/language_tally.h"
#include "pipeline/words/transcription.h"
#include "pipeline/words/windows.h"
#include "pipeline/words/wordless.h"

namespace steno {
namespace {

int64_t window_length(const TranscribeOptions& options) {
  const double seconds =
      std::min(options.chunk_length.value_or(asr::kMaxWindowSeconds), asr::kMaxWindowSeconds);
  return static_cast<int64_t>(seconds * vad::kSampleRate);
}

bool uses_voice_activity(const TranscribeOptions& options) {
  return options.clip_timestamps.empty() && options.vad_filter;
}

/// Finds the parts to transcribe: the caller's clips, the whole recording, or its speech.
std::unique_ptr<SpanFinder> make_finder(const Transcription& call, int channel) {
  const TranscribeOptions& options = call.options;
  const int64_t length = window_length(options);
  if (!uses_voice_activity(options)) {
    return find_clips(clips_of(options.clip_timestamps), length);
  }
  VadOptions vad = options.vad;
  const double longest = static_cast<double>(length) / vad::kSampleRate;
  vad.max_speech_duration_s = std::min(vad.max_speech_duration_s.value_or(longest), longest);
  vad.min_silence_duration_ms = vad.min_silence_duration_ms.value_or(160);
  return find_speech(call.vad, vad, call.checkpoint.get(), channel);
}

/// One call. A reading thread decodes, finds speech and puts windows into the queue; the caller's
/// thread takes the results out. Only windows in flight are in memory.
class BatchedCall {
 public:
  explicit BatchedCall(Transcription& call)
      : call_(call),
        lane_(*call.lane),
        wordless_(call.audio.channels, clips_of(call.options.clip_timestamps)) {
    for (int i = 0; i < call.audio.channels; ++i) {
      channels_.emplace_back(make_finder(call, i), window_length(call.options),
                             call.options.multilingual ? kLongestPauseOfALanguage : kLongestPause);
    }
    started_.resize(channels_.size());
    language_known_ = !must_detect_language(call);
    if (!language_known_) return;
    transcript_.language = given_language(call);
    transcript_.language_probability = transcript_.language.empty() ? 0 : 1;
  }

  Result<Transcript> run();

 private:
  /// The origin of a window in flight.
  struct Origin {
    int channel = 0;
    TimeMap times;
    double floor = 0;  // no later window starts before this second of the recording
  };
  struct Held {
    int channel = 0;
    Window window;
  };
  using Key = std::optional<std::string>;

  Result<void> read_audio();
  bool push(int channel, std::span<const float> samples);
  bool put(int channel, std::vector<Window> windows);
  bool put_held();
  bool find_language();
  bool submit(Held held);
  Key key_of(const Held& held, const asr::WindowRequest& request) const;
  void deliver(asr::WindowResult result);
  void note_wordless(const Origin& origin, const asr::WindowResult& result);
  double floor() const;
  void finish_languages();

  Transcription& call_;
  Scheduler::Lane& lane_;
  std::vector<WindowBuilder> channels_;
  std::vector<bool> started_;  // by channel: its first window has been put in
  std::deque<Held> held_;      // not in the queue yet
  bool language_known_ = false;
  Mutex mutex_;
  std::deque<Origin> origins_ GUARDED_BY(mutex_);  // of the windows in flight
  LanguageTally languages_;                        // when multilingual
  WordlessSound wordless_;
  Transcript transcript_;
};

Result<Transcript> BatchedCall::run() {
  auto reading = std::async(std::launch::async, [this] { return read_audio(); });
  struct Stop {
    Scheduler::Lane& lane;
    ~Stop() { lane.stop(); }
  } stop_reading{lane_};  // goes before `reading`, which waits for its thread
  while (auto result = lane_.next()) deliver(std::move(*result));
  if (call_.stop.stop_requested()) return fail(Errc::cancelled, "cancelled");
  if (const auto read = reading.get(); !read) return tl::unexpected(read.error());

  double speech = 0;
  for (const WindowBuilder& channel : channels_) speech += static_cast<double>(channel.speech());
  transcript_.duration = static_cast<double>(channels_.front().length()) / vad::kSampleRate;
  transcript_.duration_after_vad = speech / vad::kSampleRate;
  transcript_.segments = call_.merger.finish(transcript_.duration);
  transcript_.warnings = call_.audio.warnings();
  for (auto& line : wordless_.warnings(call_.audio.name)) {
    transcript_.warnings.push_back(std::move(line));
  }
  finish_languages();
  return std::move(transcript_);
}

/// The reading thread: recording -> samples -> speech -> windows -> queue.
Result<void> BatchedCall::read_audio() {
  struct End {
    Scheduler::Lane& lane;
    bool whole = false;
    ~End() { whole ? lane.finish() : lane.stop(); }
  } end{lane_};
  auto read = read_samples(call_, [this](int channel, std::span<const float> samples) {
    return push(channel, samples);
  });
  if (!read) return read;
  bool wanted = true;
  for (size_t i = 0; i < channels_.size() && wanted; ++i) {
    channels_[i].finish();
    wanted = put(static_cast<int>(i), channels_[i].take());
  }
  if (!wanted || !put_held()) return fail(Errc::cancelled, "cancelled");
  end.whole = true;
  return {};
}

bool BatchedCall::push(int channel, std::span<const float> samples) {
  WindowBuilder& builder = channels_[static_cast<size_t>(channel)];
  builder.push(samples);
  wordless_.push(channel, samples);
  return !lane_.stop_token().stop_requested() && put(channel, builder.take());
}

bool BatchedCall::put(int channel, std::vector<Window> windows) {
  for (Window& window : windows) held_.push_back({channel, std::move(window)});
  const auto wanted = static_cast<size_t>(std::max(1, call_.options.language_detection_segments));
  return (!language_known_ && held_.size() < wanted) || put_held();
}

bool BatchedCall::put_held() {
  if (held_.empty()) return true;
  if (!language_known_ && !find_language()) return false;
  while (!held_.empty()) {
    Held next = std::move(held_.front());
    held_.pop_front();
    if (!submit(std::move(next))) return false;
  }
  return true;
}

/// Detects the language in the windows that were held back for it.
bool BatchedCall::find_language() {
  std::vector<std::vector<float>> stretches;
  for (const Held& held : held_) stretches.push_back(held.window.samples);
  const auto found = detect_language(call_, std::move(stretches));
  if (!found) return false;
  transcript_.language = found->language;
  transcript_.language_probability = found->probability;
  language_known_ = true;
  return true;
}

bool BatchedCall::submit(Held held) {
  const auto channel = static_cast<size_t>(held.channel);
  const bool first = !started_[channel];
  started_[channel] = true;
  asr::WindowRequest request{std::move(held.window.samples), transcript_.language, first,
                             uses_voice_activity(call_.options)};
  if (call_.options.multilingual) request.cuts = std::move(held.window.cuts);
  const Key key = key_of(held, request);
  {
    const MutexLock lock(mutex_);
    origins_.push_back({held.channel, std::move(held.window.times), floor()});
  }
  if (!key) return lane_.submit(std::move(request));
  if (const auto bytes = call_.checkpoint->take(*key)) {
    auto known = asr::window_result_from(*bytes);
    if (known) return lane_.submit(*std::move(known));
  }
  return lane_.submit(std::move(request),
                      [checkpoint = call_.checkpoint, key](const asr::WindowResult& result) {
                        checkpoint->record(*key, asr::to_bytes(result));
                      });
}

/// A digest of everything that a window's result depends on, except model and options.
BatchedCall::Key BatchedCall::key_of(const Held& held, const asr::WindowRequest& request) const {
  if (!call_.checkpoint) return std::nullopt;
  return StepKey("window")
      .add(held.channel)
      .add(held.window.times.start())
      .add(request.language)
      .add(request.first)
      .add(std::span<const float>(request.samples))
      .finish();
}

/// Seconds before which no later window starts.
double BatchedCall::floor() const {
  int64_t floor = channels_.front().floor();
  for (const WindowBuilder& channel : channels_) floor = std::min(floor, channel.floor());
  for (const Held& held : held_) floor = std::min(floor, held.window.times.start());
  return static_cast<double>(floor) / vad::kSampleRate;
}

void BatchedCall::deliver(asr::WindowResult result) {
  Origin origin;
  {
    const MutexLock lock(mutex_);
    origin = std::move(origins_.front());
    origins_.pop_front();
  }
  note_wordless(origin, result);
  for (Segment& segment : result.segments) {
    origin.times.restore(segment);
    if (call_.options.channels == Channels::split) segment.channel = origin.channel;
  }
  if (call_.options.multilingual && !result.language.empty()) {
    languages_.add({result.language, result.language_probability},
                   static_cast<double>(origin.times.length()));
  }
  call_.merger.add(std::move(result.segments));
  call_.merger.release(origin.floor);
}

/// Without voice activity detection, the level of the sound shows where words may be missing.
void BatchedCall::note_wordless(const Origin& origin, const asr::WindowResult& result) {
  const bool is_speech = uses_voice_activity(call_.options);
  double begin = 0;
  for (const asr::Stretch& stretch : result.wordless) {
    wordless_.add_words(origin.channel, origin.times.ranges(begin, stretch.begin));
    const auto ranges = origin.times.ranges(stretch.begin, stretch.end);
    if (is_speech) wordless_.add_wordless(origin.channel, ranges);
    begin = stretch.end;
  }
  const double length = static_cast<double>(origin.times.length()) / vad::kSampleRate;
  wordless_.add_words(origin.channel, origin.times.ranges(begin, length));
}

/// With a language for each window, the recording's language is that of most of its speech.
void BatchedCall::finish_languages() {
  if (languages_.empty()) return;
  const auto most = languages_.most();
  transcript_.language = most.language;
  transcript_.language_probability = most.probability;
}

}  // namespace

Result<Transcript> transcribe_in_batches(Transcription& call) { return BatchedCall(call).run(); }

}  // namespace steno
