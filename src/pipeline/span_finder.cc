#include "pipeline/span_finder.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace steno {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

class SpeechFinder : public SpanFinder {
 public:
  SpeechFinder(std::shared_ptr<const vad::Vad> vad, const VadOptions& options)
      : stream_(std::move(vad), options) {}

  void push(std::span<const float> samples) override { stream_.push(samples); }
  void finish() override { stream_.finish(); }
  std::vector<vad::Span> take() override { return stream_.take(); }
  std::optional<vad::Span> open() const override { return stream_.open(); }
  int64_t settled() const override { return stream_.settled(); }

 private:
  vad::VadStream stream_;
};

class ClipFinder : public SpanFinder {
 public:
  ClipFinder(std::vector<Clip> clips, int64_t max_length)
      : clips_(std::move(clips)), max_length_(max_length) {}

  void push(std::span<const float> samples) override {
    position_ += static_cast<int64_t>(samples.size());
    find(max_length_);
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
      const int64_t end = std::min({clip.second, position_, start + max_length_});
      if (end < clip.second && end - start < least) return;
      if (end > start) {
        spans_.push_back({start, end, start == clip.first ? kClipPause : 0});
        done_ = end;
      }
      if (end >= clip.second || end <= start) ++next_;
    }
  }

  std::vector<Clip> clips_;
  int64_t max_length_;
  size_t next_ = 0;
  int64_t position_ = 0;
  int64_t done_ = 0;
  std::vector<vad::Span> spans_;
};

}  // namespace

std::unique_ptr<SpanFinder> find_speech(std::shared_ptr<const vad::Vad> vad,
                                        const VadOptions& options) {
  return std::make_unique<SpeechFinder>(std::move(vad), options);
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
