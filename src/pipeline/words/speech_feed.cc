#include "pipeline/words/speech_feed.h"

#include <algorithm>
#include <utility>

namespace steno {
namespace {

/// The most samples that one pull() returns.
constexpr size_t kBlock = 5 * vad::kSampleRate;

}  // namespace

SpeechFeed::SpeechFeed(std::vector<std::unique_ptr<SpanFinder>> finders, int64_t ahead,
                       std::stop_token stop, int64_t longest_pause)
    : ahead_(ahead), longest_pause_(longest_pause), stop_(std::move(stop)) {
  for (auto& finder : finders) {
    channels_.emplace_back();
    channels_.back().finder = std::move(finder);
  }
}

bool SpeechFeed::push(int channel, std::span<const float> samples) {
  Channel& to = channels_[static_cast<size_t>(channel)];
  // Only this thread uses the finder and the audio, so speech is found without the lock.
  to.audio.insert(to.audio.end(), samples.begin(), samples.end());
  to.finder->push(samples);
  const MutexLock lock(mutex_);
  collect(to);
  changed_.notify_all();
  return changed_.wait(mutex_, stop_, [&] { return !is_full(); });
}

void SpeechFeed::finish() {
  for (Channel& channel : channels_) channel.finder->finish();
  const MutexLock lock(mutex_);
  for (Channel& channel : channels_) {
    collect(channel);
    close(channel);
  }
  ended_ = true;
  changed_.notify_all();
}

/// Moves newly found speech from the audio to `speech`.
void SpeechFeed::collect(Channel& channel) {
  for (const vad::Span& span : channel.finder->take()) take(channel, span);
  if (const auto open = channel.finder->open()) take(channel, *open);
  const int64_t end = channel.begin + static_cast<int64_t>(channel.audio.size());
  length_ = std::max(length_, end);
  channel.settled = std::max(channel.finder->settled(), channel.taken);
  if (channel.settled - channel.taken > longest_pause_) close(channel);
  const int64_t needed = std::min(channel.settled, end);
  if (needed - channel.begin > static_cast<int64_t>(channel.audio.size()) / 2) {
    channel.audio.erase(channel.audio.begin(), channel.audio.begin() + (needed - channel.begin));
    channel.begin = needed;
  }
}

void SpeechFeed::take(Channel& channel, const vad::Span& span) {
  const int64_t start = std::max(span.start, channel.taken);
  if (start >= span.end) return;
  // The same pause as in collect(), so that the end of a stretch does not depend on timing.
  const bool begins = span.start >= channel.taken && span.pause == kClipPause;
  if (begins || start - channel.taken > longest_pause_) close(channel);
  if (channel.speech.empty() || channel.speech.back().whole) channel.speech.emplace_back();
  auto& samples = channel.speech.back().samples;
  const auto first = channel.audio.begin() + (start - channel.begin);
  samples.insert(samples.end(), first, first + (span.end - start));
  channel.ready += span.end - start;
  channel.times.add(start, span.end - start);
  channel.taken = span.end;
}

void SpeechFeed::close(Channel& channel) {
  if (!channel.speech.empty()) channel.speech.back().whole = true;
}

/// A full channel is ready. It does not wait for others.
bool SpeechFeed::is_full() const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [&](const Channel& channel) { return channel.ready >= ahead_; });
}

bool SpeechFeed::is_ready(const Channel& channel) const {
  if (ended_ || channel.wanted <= 0) return true;
  int64_t windows = 0;
  for (const Stretch& stretch : channel.speech) {
    const auto size = static_cast<int64_t>(stretch.samples.size());
    windows += size / channel.wanted;
    // A whole stretch that was pulled completely counts: its end has not been reported yet.
    if (stretch.whole && (size == 0 || size % channel.wanted > 0)) ++windows;
  }
  return windows >= channel.windows;
}

void SpeechFeed::want(int channel, int64_t samples, int windows) {
  const MutexLock lock(mutex_);
  channels_[static_cast<size_t>(channel)].wanted = samples;
  channels_[static_cast<size_t>(channel)].windows = windows;
}

std::optional<int> SpeechFeed::wait_for(std::span<const int> channels) {
  const MutexLock lock(mutex_);
  std::optional<int> earliest;
  changed_.wait(mutex_, stop_, [&]() REQUIRES(mutex_) {
    for (const int number : channels) {
      const Channel& channel = channels_[static_cast<size_t>(number)];
      if (!is_ready(channel)) continue;
      if (!earliest || done_at(channel) < done_at(channels_[static_cast<size_t>(*earliest)])) {
        earliest = number;
      }
    }
    return earliest.has_value();
  });
  return stop_.stop_requested() ? std::nullopt : earliest;
}

bool SpeechFeed::pull(int channel, std::vector<float>& block) {
  const MutexLock lock(mutex_);
  Channel& from = channels_[static_cast<size_t>(channel)];
  if (from.speech.empty()) return false;
  Stretch& stretch = from.speech.front();
  if (stretch.samples.empty()) {
    if (stretch.whole) from.speech.pop_front();
    return false;
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(kBlock, stretch.samples.size()));
  const auto end = stretch.samples.begin() + count;
  block.assign(stretch.samples.begin(), end);
  stretch.samples.erase(stretch.samples.begin(), end);
  from.ready -= count;
  changed_.notify_all();
  return true;
}

bool SpeechFeed::has_ended(int channel) const {
  const MutexLock lock(mutex_);
  return ended_ && channels_[static_cast<size_t>(channel)].speech.empty();
}

std::vector<std::vector<float>> SpeechFeed::peek(int channel) const {
  const MutexLock lock(mutex_);
  const Channel& from = channels_[static_cast<size_t>(channel)];
  const auto wanted = static_cast<size_t>(from.wanted);
  std::vector<std::vector<float>> windows;
  for (const Stretch& stretch : from.speech) {
    for (size_t at = 0; at < stretch.samples.size(); at += wanted) {
      if (windows.size() == static_cast<size_t>(from.windows)) return windows;
      const auto first = stretch.samples.begin() + static_cast<std::ptrdiff_t>(at);
      const size_t count = std::min(wanted, stretch.samples.size() - at);
      windows.emplace_back(first, first + static_cast<std::ptrdiff_t>(count));
    }
  }
  return windows;
}

void SpeechFeed::restore(int channel, Segment& segment) const {
  const MutexLock lock(mutex_);
  channels_[static_cast<size_t>(channel)].times.restore(segment);
}

std::vector<TimeRange> SpeechFeed::ranges(int channel, double begin, double end) const {
  const MutexLock lock(mutex_);
  return channels_[static_cast<size_t>(channel)].times.ranges(begin, end);
}

void SpeechFeed::set_done(int channel, double seconds) {
  const MutexLock lock(mutex_);
  Channel& at = channels_[static_cast<size_t>(channel)];
  at.done = seconds;
  at.times.forget_before(seconds);
}

/// The second of the recording up to which a channel is done.
double SpeechFeed::done_at(const Channel& channel) {
  const double known = static_cast<double>(channel.times.length()) / vad::kSampleRate;
  // After all speech, the silence is done too. Windows are whole frames of 10 ms.
  if (channel.done > known - 0.01) return static_cast<double>(channel.settled) / vad::kSampleRate;
  return channel.times.to_recording(channel.done, TimeMap::Edge::start);
}

double SpeechFeed::floor(std::span<const int> channels) const {
  const MutexLock lock(mutex_);
  double floor = static_cast<double>(length_) / vad::kSampleRate;
  for (const int number : channels) {
    floor = std::min(floor, done_at(channels_[static_cast<size_t>(number)]));
  }
  return floor;
}

int64_t SpeechFeed::length() const {
  const MutexLock lock(mutex_);
  return length_;
}

int64_t SpeechFeed::speech() const {
  const MutexLock lock(mutex_);
  int64_t samples = 0;
  for (const Channel& channel : channels_) samples += channel.times.length();
  return samples;
}

}  // namespace steno
