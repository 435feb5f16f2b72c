#include <algorithm>
#include <future>
#include <numeric>
#include <utility>

#include "pipeline/words/language_tally.h"
#include "pipeline/words/speech_feed.h"
#include "pipeline/words/transcription.h"
#include "pipeline/words/wordless.h"

namespace steno {
namespace {

constexpr int64_t kWindow = static_cast<int64_t>(asr::kMaxWindowSeconds) * vad::kSampleRate;
constexpr int64_t kMostWanted = static_cast<int64_t>(asr::kMaxWantedSeconds) * vad::kSampleRate;
/// Speech without words that is longer than this, in seconds, is named. The times of segments are
/// not those of their words.
constexpr double kLongestWordless = 2.5;
/// There is no choice among pauses, so spans need not be larger.
constexpr int64_t kUncutSpan = vad::kSampleRate / 2;

std::unique_ptr<SpanFinder> make_uncut_finder(const Transcription& call, int channel) {
  const TranscribeOptions& options = call.options;
  if (!options.clip_timestamps.empty() || !options.vad_filter) {
    return find_clips(clips_of(options.clip_timestamps), kUncutSpan);
  }
  VadOptions vad = options.vad;
  if (options.multilingual && !vad.min_silence_duration_ms) {
    vad.min_silence_duration_ms = 1000 * kLongestPauseOfALanguage / vad::kSampleRate;
  }
  return find_speech(call.vad, vad, call.checkpoint.get(), channel);
}

/// The longest gap within a stretch. Speech is padded on both sides of a pause.
int64_t longest_gap(const TranscribeOptions& options) {
  const int64_t padding = 2 * options.vad.speech_pad_ms * vad::kSampleRate / 1000;
  return options.multilingual ? std::max<int64_t>(0, kLongestPauseOfALanguage - padding)
                              : kLongestPause;
}

std::shared_ptr<SpeechFeed> make_feed(const Transcription& call) {
  std::vector<std::unique_ptr<SpanFinder>> finders;
  for (int i = 0; i < call.audio.channels; ++i) finders.push_back(make_uncut_finder(call, i));
  const int64_t wanted = std::max(kMostWanted, call.options.language_detection_segments * kWindow);
  return std::make_shared<SpeechFeed>(std::move(finders), wanted + kWindow, call.lane->stop_token(),
                                      longest_gap(call.options));
}

/// One channel's transcriber and everything it uses. A window may outlive a call that was stopped.
struct ChannelWork {
  std::shared_ptr<asr::SpeechModel> model;
  std::unique_ptr<asr::SequentialTranscriber> transcriber;
  std::vector<Segment> segments;
  double position = 0;
  double covered = 0;  // end of the speech whose words are known or that is noted as wordless
  bool more = true;    // in the stretch
};

/// One call. A reading thread decodes and finds speech; the caller's thread has one window after
/// the other decoded, in turn with the windows of other calls.
class SequentialCall {
 public:
  explicit SequentialCall(Transcription& call)
      : call_(call),
        feed_(make_feed(call)),
        work_(static_cast<size_t>(call.audio.channels)),
        wordless_(call.audio.channels, clips_of(call.options.clip_timestamps)) {
    running_.resize(work_.size());
    std::iota(running_.begin(), running_.end(), 0);
  }

  Result<Transcript> run();

 private:
  Result<void> read_audio();
  bool find_language();
  void start(int channel);
  bool step(int channel);
  void note_words(int channel, double begin, double end);
  void note_wordless(int channel, double end);
  Result<Transcript> finish();

  Transcription& call_;
  std::shared_ptr<SpeechFeed> feed_;
  std::vector<std::shared_ptr<ChannelWork>> work_;  // by channel; none before the language is known
  std::vector<int> running_;                        // channels that are not done
  LanguageTally languages_;                         // when multilingual
  WordlessSound wordless_;
  Transcript transcript_;
};

Result<Transcript> SequentialCall::run() {
  auto reading = std::async(std::launch::async, [this] { return read_audio(); });
  struct Stop {
    Scheduler::Lane& lane;
    ~Stop() { lane.stop(); }
  } stop_reading{*call_.lane};  // goes before `reading`, which waits for its thread
  transcript_.language = given_language(call_);
  transcript_.language_probability = transcript_.language.empty() ? 0 : 1;
  if (!must_detect_language(call_) || find_language()) {
    for (const int channel : running_) start(channel);
    while (const auto channel = running_.empty() ? std::nullopt : feed_->wait_for(running_)) {
      if (!step(*channel)) break;
    }
  }
  if (call_.stop.stop_requested()) return fail(Errc::cancelled, "cancelled");
  if (const auto read = reading.get(); !read) return tl::unexpected(read.error());
  return finish();
}

/// The reading thread: recording -> samples -> speech.
Result<void> SequentialCall::read_audio() {
  struct End {
    Scheduler::Lane& lane;
    bool whole = false;
    ~End() {
      if (!whole) lane.stop();
    }
  } end{*call_.lane};
  auto read = read_samples(call_, [this](int channel, std::span<const float> samples) {
    wordless_.push(channel, samples);
    return feed_->push(channel, samples);
  });
  if (!read) return read;
  feed_->finish();
  end.whole = true;
  return {};
}

/// Detects the language at the begin of the channel whose speech is first. False when stopped.
bool SequentialCall::find_language() {
  std::vector<int> channels = running_;
  for (const int channel : channels) {
    feed_->want(channel, kWindow, std::max(1, call_.options.language_detection_segments));
  }
  while (!channels.empty()) {
    const auto channel = feed_->wait_for(channels);
    if (!channel) return false;
    auto stretches = feed_->peek(*channel);
    if (stretches.empty()) {
      std::erase(channels, *channel);
      continue;
    }
    const auto found = detect_language(call_, std::move(stretches));
    if (!found) return false;
    transcript_.language = found->language;
    transcript_.language_probability = found->probability;
    return true;
  }
  return true;
}

void SequentialCall::start(int channel) {
  auto work = std::make_shared<ChannelWork>();
  work->model = call_.model;
  work->transcriber = std::make_unique<asr::SequentialTranscriber>(
      *call_.model, transcript_.language, call_.options,
      [feed = feed_, channel](std::vector<float>& block) { return feed->pull(channel, block); },
      asr::StepLog{call_.checkpoint, channel});
  feed_->want(channel, work->transcriber->wanted());
  work_[static_cast<size_t>(channel)] = std::move(work);
}

/// Decodes one window of a channel, or takes it from the checkpoint. False when the call was
/// stopped.
bool SequentialCall::step(int channel) {
  const auto& work = work_[static_cast<size_t>(channel)];
  work->more = work->transcriber->recall(work->segments);
  const bool done = work->more || call_.lane->run([work](std::stop_token stop) {
    work->more = work->transcriber->next(work->segments, std::move(stop));
  });
  if (!done) return false;
  for (Segment& segment : work->segments) {
    note_words(channel, segment.start, segment.end);
    feed_->restore(channel, segment);
    if (call_.options.channels == Channels::split) segment.channel = channel;
  }
  const double position = work->transcriber->position();
  note_wordless(channel, position);
  if (call_.options.multilingual) {
    languages_.add(work->transcriber->language(), position - work->position);
  }
  work->position = position;
  call_.merger.add(std::move(work->segments));
  work->segments.clear();
  feed_->set_done(channel, position);
  feed_->want(channel, work->transcriber->wanted());
  if (!work->more && feed_->has_ended(channel)) std::erase(running_, channel);
  call_.merger.release(feed_->floor(running_));
  return true;
}

/// Words of a channel from `begin` to `end`, in seconds of its speech.
void SequentialCall::note_words(int channel, double begin, double end) {
  ChannelWork& work = *work_[static_cast<size_t>(channel)];
  note_wordless(channel, begin);
  wordless_.add_words(channel, feed_->ranges(channel, work.covered, end));
  work.covered = std::max(work.covered, end);
}

/// There are no words of a channel before `end`, except those that are noted.
void SequentialCall::note_wordless(int channel, double end) {
  ChannelWork& work = *work_[static_cast<size_t>(channel)];
  if (end - work.covered <= kLongestWordless) return;
  if (call_.options.clip_timestamps.empty() && call_.options.vad_filter) {
    wordless_.add_wordless(channel, feed_->ranges(channel, work.covered, end));
  }
  work.covered = end;
}

Result<Transcript> SequentialCall::finish() {
  transcript_.duration = static_cast<double>(feed_->length()) / vad::kSampleRate;
  transcript_.duration_after_vad = static_cast<double>(feed_->speech()) / vad::kSampleRate;
  transcript_.segments = call_.merger.finish(transcript_.duration);
  transcript_.warnings = call_.audio.warnings();
  for (auto& line : wordless_.warnings(call_.audio.name)) {
    transcript_.warnings.push_back(std::move(line));
  }
  if (!languages_.empty()) {
    const auto most = languages_.most();
    transcript_.language = most.language;
    transcript_.language_probability = most.probability;
  }
  return std::move(transcript_);
}

}  // namespace

Result<Transcript> transcribe_in_sequence(Transcription& call) {
  return SequentialCall(call).run();
}

}  // namespace steno
