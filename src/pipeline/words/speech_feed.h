#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "pipeline/words/span_finder.h"
#include "pipeline/words/time_map.h"

namespace steno {

/// The speech of a recording's channels on its way from the thread that listens to the one that
/// decodes in sequence: all spans of a channel put together, in bounded memory. It is cut into
/// stretches, which are decoded apart: where a clip begins and at very long pauses. Thread-safe.
class SpeechFeed {
 public:
  /// One finder per channel. All waiting ends when `stop` is requested. With `ahead` samples of
  /// speech in a channel it takes no more: at least what is ever wanted, and a window.
  SpeechFeed(std::vector<std::unique_ptr<SpanFinder>> finders, int64_t ahead, std::stop_token stop);

  /// Takes the next samples of a channel; waits while enough speech is ready. False when stopped.
  bool push(int channel, std::span<const float> samples);
  /// The recording has ended.
  void finish();

  /// A channel is to be ready when it has `windows` windows of `samples` each, which are shorter at
  /// the end of a stretch.
  void want(int channel, int64_t samples, int windows = 1);
  /// Waits until one of `channels` has what is wanted of it, or all it will ever have, and gives
  /// the one whose speech is earliest in the recording; none when stopped.
  std::optional<int> wait_for(std::span<const int> channels);
  /// Moves some of a channel's next speech to `block`; never waits, so that it gives what was
  /// wanted. False at the end of each stretch.
  bool pull(int channel, std::vector<float>& block);
  /// No speech of the channel is here or to come.
  bool has_ended(int channel) const;
  /// A copy of the first windows that are wanted of a channel, as far as they are there.
  std::vector<std::vector<float>> peek(int channel) const;

  /// Moves the times of a segment, in seconds of a channel's speech, into the recording.
  void restore(int channel, Segment& segment) const;
  /// All of a channel's speech before `seconds` is done.
  void set_done(int channel, double seconds);
  /// No segment to come starts before this second of the recording, given the channels not done.
  double floor(std::span<const int> channels) const;

  /// Samples of the recording so far.
  int64_t length() const;
  /// Samples of speech so far, in all channels together.
  int64_t speech() const;

 private:
  /// What is decoded together, or what is left of it. Only the last one is not whole.
  struct Stretch {
    std::vector<float> samples;
    bool whole = false;
  };
  struct Channel {
    std::unique_ptr<SpanFinder> finder;
    std::vector<float> audio;  // of the recording; its first sample is number begin
    int64_t begin = 0;
    int64_t taken = 0;  // samples of the recording before this one are in `speech` or left out
    std::deque<Stretch> speech;  // found, not pulled
    int64_t ready = 0;           // samples of it
    int64_t wanted = 0;          // samples of a window
    int windows = 1;
    TimeMap times;
    int64_t settled = 0;  // no speech to come starts before this sample of the recording
    double done = 0;      // seconds of its speech
  };

  void collect(Channel& channel);
  void take(Channel& channel, const vad::Span& span);
  void close(Channel& channel);
  bool is_full() const;
  bool is_ready(const Channel& channel) const;
  static double done_at(const Channel& channel);

  const int64_t ahead_;
  const std::stop_token stop_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Channel> channels_;
  int64_t length_ = 0;
  bool ended_ = false;
};

}  // namespace steno
