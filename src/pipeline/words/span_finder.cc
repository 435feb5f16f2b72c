#include "pipeline/words/span_finder.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

namespace steno {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

class SpeechFinder : public SpanFinder {
 public:
  SpeechFinder(std::shared_ptr<const vad::Vad> vad, const VadOptions& options,
               CheckpointLog* checkpoint, int channel)
      : stream_(std::move(vad), options, checkpoint, channel) {}

  void push(std::span<const float> samples) override { stream_.push(samples); }
  void finish() override { stream_.finish(); }
  std::vector<vad::Span> take() override { return stream_.take(); }
  std::optional<vad::Span> open() const override { return stream_.open(); }
  int64_t settled() const override { return stream_.settled(); }

 private:
  vad::VadStream stream_;
};

/// How loud the last samples of a recording were, in steps of 20 ms.
class Loudness {
 public:
  static constexpr int64_t kStep = vad::kSampleRate / 50;
  static constexpr int64_t kStretch = 10;  // steps

  void push(std::span<const float> samples) {
    for (const float sample : samples) {
      sum_ += sample * sample;
      if (++count_ < kStep) continue;
      steps_.push_back(sum_);
      sum_ = 0;
      count_ = 0;
    }
  }

  /// Forgets what lies before a sample.
  void forget_before(int64_t sample) {
    const auto size = static_cast<int64_t>(steps_.size());
    const int64_t count = std::clamp(sample / kStep - first_, int64_t{0}, size);
    steps_.erase(steps_.begin(), steps_.begin() + count);
    first_ += count;
  }

  /// The middle of the quietest 0.2 s in [begin, end), the last of equals; `end` when there are no
  /// 0.2 s.
  int64_t quietest(int64_t begin, int64_t end) const {
    int64_t best = end;
    float least = std::numeric_limits<float>::infinity();
    for (int64_t step = (begin + kStep - 1) / kStep; (step + kStretch) * kStep <= end; ++step) {
      const auto at = steps_.begin() + (step - first_);
      const float loudness = std::accumulate(at, at + kStretch, 0.0f);
      if (loudness > least) continue;
      least = loudness;
      best = (step + kStretch / 2) * kStep;
    }
    return best;
  }

 private:
  std::deque<float> steps_;
  int64_t first_ = 0;  // number of the first of steps_
  float sum_ = 0;      // of the step that is not whole
  int64_t count_ = 0;
};

/// A clip that is too long is cut in the last part of what may be a span.
constexpr double kLeastClipFill = 0.7;

class ClipFinder : public SpanFinder {
 public:
  ClipFinder(std::vector<Clip> clips, int64_t max_length)
      : clips_(std::move(clips)), max_length_(max_length) {}

  void push(std::span<const float> samples) override {
    position_ += static_cast<int64_t>(samples.size());
    loudness_.push(samples);
    find(max_length_);
    loudness_.forget_before(settled());
  }
  void finish() override { find(1); }
  std::vector<vad::Span> take() override { return std::exchange(spans_, {}); }
  std::optional<vad::Span> open() const override { return std::nullopt; }
  int64_t settled() const override {
    return next_ == clips_.size() ? kEnd : std::max(done_, clips_[next_].first);
  }

 private:
  /// Gives out the parts of clips that have arrived: whole clips, or at least `least` samples.
  void find(int64_t least) {
    while (next_ < clips_.size()) {
      const Clip clip = clips_[next_];
      const int64_t start = std::max(clip.first, done_);
      int64_t end = std::min({clip.second, position_, start + max_length_});
      if (end < clip.second && end - start < least) return;
      if (end < clip.second && end - start == max_length_) end = choose_cut(start);
      if (end > start) {
        spans_.push_back({start, end, start == clip.first ? kClipPause : 0});
        done_ = end;
      }
      if (end >= clip.second || end <= start) ++next_;
    }
  }

  /// Where a span that begins at `start` ends when it may not go on.
  int64_t choose_cut(int64_t start) const {
    const auto fill = static_cast<int64_t>(kLeastClipFill * static_cast<double>(max_length_));
    return loudness_.quietest(start + fill, start + max_length_);
  }

  std::vector<Clip> clips_;
  int64_t max_length_;
  Loudness loudness_;
  size_t next_ = 0;
  int64_t position_ = 0;
  int64_t done_ = 0;
  std::vector<vad::Span> spans_;
};

}  // namespace

std::unique_ptr<SpanFinder> find_speech(std::shared_ptr<const vad::Vad> vad,
                                        const VadOptions& options, CheckpointLog* checkpoint,
                                        int channel) {
  return std::make_unique<SpeechFinder>(std::move(vad), options, checkpoint, channel);
}

std::unique_ptr<SpanFinder> find_clips(std::vector<Clip> clips, int64_t max_length) {
  return std::make_unique<ClipFinder>(std::move(clips), max_length);
}

std::vector<Clip> clips_of(const std::vector<double>& timestamps) {
  std::vector<Clip> clips;
  for (size_t i = 0; i < timestamps.size(); i += 2) {
    const bool last = i + 1 == timestamps.size();
    clips.emplace_back(std::llround(timestamps[i] * vad::kSampleRate),
                       last ? kEnd : std::llround(timestamps[i + 1] * vad::kSampleRate));
  }
  if (clips.empty()) clips.emplace_back(0, kEnd);
  return clips;
}

}  // namespace steno
