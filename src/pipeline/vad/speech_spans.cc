#include "pipeline/vad/speech_spans.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace steno::vad {
namespace {

constexpr int64_t kSamplesPerMs = kSampleRate / 1000;
/// The shortest pause at which speech longer than its limit may be cut.
constexpr int64_t kPauseToCutAt = 98 * kSamplesPerMs;

}  // namespace

SpeechSpans::SpeechSpans(const VadOptions& options)
    : threshold_(static_cast<float>(options.threshold)),
      neg_threshold_(static_cast<float>(
          options.neg_threshold.value_or(std::max(options.threshold - 0.15, 0.01)))),
      min_speech_(options.min_speech_duration_ms * kSamplesPerMs),
      min_silence_(options.min_silence_duration_ms.value_or(2000) * kSamplesPerMs),
      pad_(options.speech_pad_ms * kSamplesPerMs) {
  max_speech_ = options.max_speech_duration_s
                    ? kSampleRate * *options.max_speech_duration_s - Vad::kChunk - 2.0 * pad_
                    : std::numeric_limits<double>::infinity();
}

void SpeechSpans::push(float probability) {
  const int64_t now = now_;
  now_ += Vad::kChunk;
  const bool speech = probability >= threshold_;
  if (speech && silence_start_ > 0) {
    silence_start_ = 0;
    if (pause_end_ < pause_start_) pause_end_ = now;
  }
  if (speech && !in_speech_) {
    start(now);
  } else if (in_speech_) {
    const bool ended = now - speech_start_ > max_speech_ && cut_at_limit(now);
    if (!ended && in_speech_ && probability < neg_threshold_) silence(now);
  }
  settle();
}

void SpeechSpans::start(int64_t at) {
  in_speech_ = true;
  speech_start_ = at;
}

/// Ends speech that is longer than its limit at the last pause, else here. True if the chunk needs
/// no further work.
bool SpeechSpans::cut_at_limit(int64_t now) {
  if (pause_start_ == 0) {
    close(now);
    return true;
  }
  const bool resumed = pause_end_ >= pause_start_;
  const int64_t next = pause_end_;
  close(pause_start_);
  if (resumed) start(next);
  return false;
}

void SpeechSpans::silence(int64_t now) {
  if (silence_start_ == 0) silence_start_ = now;
  const int64_t length = now - silence_start_;
  if (length > kPauseToCutAt) pause_start_ = silence_start_;
  if (length < min_silence_) return;
  if (silence_start_ - speech_start_ > min_speech_) {
    close(silence_start_);
  } else {
    in_speech_ = false;
    silence_start_ = pause_start_ = pause_end_ = 0;
  }
}

void SpeechSpans::close(int64_t end) {
  settle_start();
  pending_ = Span{*std::exchange(padded_start_, std::nullopt), end, speech_start_ - last_end_};
  last_end_ = end;
  in_speech_ = false;
  silence_start_ = pause_start_ = pause_end_ = 0;
}

/// Pads the start of the current speech. A gap shorter than both paddings is shared with the
/// previous span, which becomes final.
void SpeechSpans::settle_start() {
  if (padded_start_) return;
  padded_start_ = std::max<int64_t>(0, speech_start_ - pad_);
  if (!pending_) return;
  const int64_t gap = speech_start_ - pending_->end;
  const int64_t share = gap < 2 * pad_ ? gap / 2 : pad_;
  padded_start_ = speech_start_ - share;
  pending_->end += share;
  final_.push_back(*std::exchange(pending_, std::nullopt));
}

/// True if the current speech is already too long to be dropped.
bool SpeechSpans::will_stay() const {
  const int64_t end = silence_start_ > 0 ? silence_start_ : now_ - Vad::kChunk;
  return in_speech_ && end - speech_start_ > min_speech_;
}

void SpeechSpans::settle() {
  if (will_stay()) return settle_start();
  if (!pending_) return;
  const int64_t next = in_speech_ ? speech_start_ : now_;
  if (next - pending_->end < 2 * pad_) return;
  pending_->end += pad_;
  final_.push_back(*std::exchange(pending_, std::nullopt));
}

void SpeechSpans::finish(int64_t length) {
  if (in_speech_ && length - speech_start_ > min_speech_) close(length);
  in_speech_ = false;
  now_ = length;
  if (!pending_) return;
  pending_->end = std::min(length, pending_->end + pad_);
  final_.push_back(*std::exchange(pending_, std::nullopt));
}

std::vector<Span> SpeechSpans::take() { return std::exchange(final_, {}); }

std::optional<Span> SpeechSpans::open() const {
  if (max_speech_ != std::numeric_limits<double>::infinity()) return std::nullopt;
  if (pending_) return pending_;
  if (!padded_start_) return std::nullopt;
  return Span{*padded_start_, silence_start_ > 0 ? silence_start_ : now_ - Vad::kChunk};
}

int64_t SpeechSpans::settled() const {
  if (pending_) return pending_->start;
  if (padded_start_) return *padded_start_;
  return std::max<int64_t>(0, (in_speech_ ? speech_start_ : now_) - pad_);
}

}  // namespace steno::vad
