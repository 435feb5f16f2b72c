#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/mutex.h"
#include "pipeline/words/span_finder.h"
#include "pipeline/words/time_map.h"

namespace steno {

/// Passes the speech of a recording's channels from the reading thread to the thread that decodes
/// in sequence: the joined spans of each channel, in bounded memory. A new stretch begins at each
/// clip and after a very long pause. Stretches are decoded separately. Thread-safe.
class SpeechFeed {
 public:
  /// One finder per channel. `longest_pause`: of those within a stretch, in samples. All waiting
  /// ends when `stop` is requested. push() waits while a channel has `ahead` samples of speech.
  /// `ahead` is at least one window more than want() ever requests.
  SpeechFeed(std::vector<std::unique_ptr<SpanFinder>> finders, int64_t ahead, std::stop_token stop,
             int64_t longest_pause = kLongestPause);

  /// Adds the next samples of a channel. Waits while enough speech is ready. False when stopped.
  bool push(int channel, std::span<const float> samples);
  /// The recording has ended.
  void finish();

  /// A channel is ready once it has `windows` windows of `samples` samples each. A window at the
  /// end of a stretch may be shorter.
  void want(int channel, int64_t samples, int windows = 1);
  /// Waits until one of `channels` is ready or has all of its speech. Returns the one whose speech
  /// is earliest in the recording; none when stopped.
  std::optional<int> wait_for(std::span<const int> channels);
  /// Moves some of a channel's next speech to `block`. Never waits: the wanted samples are there.
  /// False at the end of each stretch.
  bool pull(int channel, std::vector<float>& block);
  /// Whether the channel has no more speech, now or later.
  bool has_ended(int channel) const;
  /// A copy of the first wanted windows of a channel, as far as they have arrived.
  std::vector<std::vector<float>> peek(int channel) const;

  /// Converts the times of a segment from seconds of a channel's speech to the recording.
  void restore(int channel, Segment& segment) const;
  /// The parts of the recording, in seconds, that this part of a channel's speech was taken from.
  std::vector<TimeRange> ranges(int channel, double begin, double end) const;
  /// All of a channel's speech before `seconds` has been decoded.
  void set_done(int channel, double seconds);
  /// No later segment of `channels` starts before this second of the recording.
  double floor(std::span<const int> channels) const;

  /// Samples of the recording so far.
  int64_t length() const;
  /// Samples of speech so far, in all channels together.
  int64_t speech() const;

 private:
  /// The rest of a stretch. Only the last stretch is not whole.
  struct Stretch {
    std::vector<float> samples;
    bool whole = false;
  };
  struct Channel {
    std::unique_ptr<SpanFinder> finder;
    std::vector<float> audio;  // of the recording, starting with sample number begin
    int64_t begin = 0;
    int64_t taken = 0;  // recording samples before this one are in `speech` or were dropped
    std::deque<Stretch> speech;  // found and not yet pulled
    int64_t ready = 0;           // number of samples in it
    int64_t wanted = 0;          // samples of a window
    int windows = 1;
    TimeMap times;
    int64_t settled = 0;  // no later speech starts before this sample of the recording
    double done = 0;      // seconds of its speech that are done
  };

  void collect(Channel& channel) REQUIRES(mutex_);
  void take(Channel& channel, const vad::Span& span);
  void close(Channel& channel);
  bool is_full() const;
  bool is_ready(const Channel& channel) const REQUIRES(mutex_);
  static double done_at(const Channel& channel);

  const int64_t ahead_;
  const int64_t longest_pause_;
  const std::stop_token stop_;
  mutable Mutex mutex_;
  CondVar changed_;
  // Under the mutex, except finders and audio, which only the reading thread uses.
  std::vector<Channel> channels_;
  int64_t length_ GUARDED_BY(mutex_) = 0;
  bool ended_ GUARDED_BY(mutex_) = false;
};

}  // namespace steno
