#include "pipeline/speech_feed.h"

#include <algorithm>
#include <utility>

namespace steno {
namespace {

/// What pull() gives at once.
constexpr size_t kBlock = 5 * vad::kSampleRate;

}  // namespace

SpeechFeed::SpeechFeed(std::vector<std::unique_ptr<SpanFinder>> finders, int64_t ahead,
                       std::stop_token stop)
    : ahead_(ahead), stop_(std::move(stop)) {
  for (auto& finder : finders) {
    channels_.emplace_back();
    channels_.back().finder = std::move(finder);
  }
}

bool SpeechFeed::push(int channel, std::span<const float> samples) {
  Channel& to = channels_[static_cast<size_t>(channel)];
  // Only this thread uses the finder and the audio: speech is found without the lock.
  to.audio.insert(to.audio.end(), samples.begin(), samples.end());
  to.finder->push(samples);
  std::unique_lock lock(mutex_);
  collect(to);
  changed_.notify_all();
  return changed_.wait(lock, stop_, [&] { return starving_ || !is_full(); });
}

void SpeechFeed::finish() {
  for (Channel& channel : channels_) channel.finder->finish();
  std::lock_guard lock(mutex_);
  for (Channel& channel : channels_) collect(channel);
  ended_ = true;
  changed_.notify_all();
}

/// Moves what has become speech from the recording's audio to the speech.
void SpeechFeed::collect(Channel& channel) {
  for (const vad::Span& span : channel.finder->take()) take(channel, span);
  if (const auto open = channel.finder->open()) take(channel, *open);
  const int64_t end = channel.begin + static_cast<int64_t>(channel.audio.size());
  length_ = std::max(length_, end);
  channel.settled = std::max(channel.finder->settled(), channel.taken);
  const int64_t needed = std::min(channel.settled, end);
  if (needed - channel.begin > static_cast<int64_t>(channel.audio.size()) / 2) {
    channel.audio.erase(channel.audio.begin(), channel.audio.begin() + (needed - channel.begin));
    channel.begin = needed;
  }
}

void SpeechFeed::take(Channel& channel, const vad::Span& span) {
  const int64_t start = std::max(span.start, channel.taken);
  if (start >= span.end) return;
  const auto first = channel.audio.begin() + (start - channel.begin);
  channel.speech.insert(channel.speech.end(), first, first + (span.end - start));
  channel.times.add(start, span.end - start);
  channel.taken = span.end;
}

/// A channel with twice what is to be ready is certainly decoded next: it does not wait for others.
bool SpeechFeed::is_full() const {
  return std::any_of(channels_.begin(), channels_.end(), [&](const Channel& channel) {
    return static_cast<int64_t>(channel.speech.size()) >= 2 * ahead_;
  });
}

std::optional<int> SpeechFeed::wait_for(std::span<const int> channels) {
  std::unique_lock lock(mutex_);
  std::optional<int> earliest;
  changed_.wait(lock, stop_, [&] {
    for (const int number : channels) {
      const Channel& channel = channels_[static_cast<size_t>(number)];
      if (!ended_ && static_cast<int64_t>(channel.speech.size()) < ahead_) continue;
      if (!earliest || done_at(channel) < done_at(channels_[static_cast<size_t>(*earliest)])) {
        earliest = number;
      }
    }
    return earliest.has_value();
  });
  return stop_.stop_requested() ? std::nullopt : earliest;
}

bool SpeechFeed::pull(int channel, std::vector<float>& block) {
  Channel& from = channels_[static_cast<size_t>(channel)];
  std::unique_lock lock(mutex_);
  starving_ = from.speech.empty();
  if (starving_) changed_.notify_all();
  changed_.wait(lock, stop_, [&] { return ended_ || !from.speech.empty(); });
  starving_ = false;
  const auto end =
      from.speech.begin() + static_cast<std::ptrdiff_t>(std::min(kBlock, from.speech.size()));
  block.assign(from.speech.begin(), end);
  from.speech.erase(from.speech.begin(), end);
  changed_.notify_all();
  return !block.empty() && !stop_.stop_requested();
}

std::vector<float> SpeechFeed::peek(int channel, int64_t samples) const {
  std::lock_guard lock(mutex_);
  const auto& speech = channels_[static_cast<size_t>(channel)].speech;
  const auto count = std::min(samples, static_cast<int64_t>(speech.size()));
  return {speech.begin(), speech.begin() + count};
}

void SpeechFeed::restore(int channel, Segment& segment) const {
  std::lock_guard lock(mutex_);
  channels_[static_cast<size_t>(channel)].times.restore(segment);
}

void SpeechFeed::set_done(int channel, double seconds) {
  std::lock_guard lock(mutex_);
  Channel& at = channels_[static_cast<size_t>(channel)];
  at.done = seconds;
  at.times.forget_before(seconds);
}

/// The second of the recording up to which a channel is done.
double SpeechFeed::done_at(const Channel& channel) {
  const double known = static_cast<double>(channel.times.length()) / vad::kSampleRate;
  // With all speech done, the silence after it is done too. Windows are whole frames of 10 ms.
  if (channel.done > known - 0.01) return static_cast<double>(channel.settled) / vad::kSampleRate;
  return channel.times.to_recording(channel.done, TimeMap::Edge::start);
}

double SpeechFeed::floor(std::span<const int> channels) const {
  std::lock_guard lock(mutex_);
  double floor = static_cast<double>(length_) / vad::kSampleRate;
  for (const int number : channels) {
    floor = std::min(floor, done_at(channels_[static_cast<size_t>(number)]));
  }
  return floor;
}

int64_t SpeechFeed::length() const {
  std::lock_guard lock(mutex_);
  return length_;
}

int64_t SpeechFeed::speech() const {
  std::lock_guard lock(mutex_);
  int64_t samples = 0;
  for (const Channel& channel : channels_) samples += channel.times.length();
  return samples;
}

}  // namespace steno
