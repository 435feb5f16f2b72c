#include "pipeline/words/windows.h"

#include <algorithm>
#include <utility>

namespace steno {
namespace {

/// A window ends at the longest of the pauses after which it is at least this full.
constexpr double kLeastFill = 0.7;

}  // namespace

WindowBuilder::WindowBuilder(std::unique_ptr<SpanFinder> finder, int64_t max_length,
                             int64_t longest_pause)
    : finder_(std::move(finder)), max_length_(max_length), longest_pause_(longest_pause) {}

void WindowBuilder::push(std::span<const float> samples) {
  audio_.insert(audio_.end(), samples.begin(), samples.end());
  finder_->push(samples);
  add_spans();
}

void WindowBuilder::finish() {
  finder_->finish();
  add_spans();
  if (!pending_.empty()) emit(pending_.size());
  begin_ = length();
  audio_ = {};
}

std::vector<Window> WindowBuilder::take() { return std::exchange(windows_, {}); }

int64_t WindowBuilder::floor() const {
  return pending_.empty() ? std::min(finder_->settled(), length()) : pending_.front().start;
}

void WindowBuilder::add_spans() {
  for (const vad::Span& span : finder_->take()) add(span);
  const int64_t settled = std::min(finder_->settled(), length());
  if (!pending_.empty() && settled - pending_.back().end > longest_pause_) emit(pending_.size());
  const int64_t unneeded = settled - begin_;
  // Moving the rest costs time, so it is not done for every block.
  if (unneeded > static_cast<int64_t>(audio_.size()) / 2) {
    audio_.erase(audio_.begin(), audio_.begin() + unneeded);
    begin_ = settled;
  }
}

void WindowBuilder::add(const vad::Span& span) {
  if (!pending_.empty() && span.pause > longest_pause_) emit(pending_.size());
  speech_ += span.end - span.start;
  // Padding is added after speech was cut, so a long vad_speech_pad_ms can make speech longer than
  // a window.
  for (vad::Span part = span; part.start < span.end; part = {part.end, 0, 0}) {
    part.end = std::min(span.end, part.start + max_length_);
    while (pending_length() + part.end - part.start > max_length_) emit(choose_cut(part.pause));
    const auto first = audio_.begin() + (part.start - begin_);
    pending_audio_.insert(pending_audio_.end(), first, first + (part.end - part.start));
    pending_.push_back(part);
  }
}

/// The number of pending spans in the next window. One more span, after a pause of `pause_after`,
/// does not fit.
size_t WindowBuilder::choose_cut(int64_t pause_after) const {
  size_t best = pending_.size();
  int64_t longest = pause_after;
  int64_t length = 0;
  for (size_t i = 0; i + 1 < pending_.size(); ++i) {
    length += pending_[i].end - pending_[i].start;
    const int64_t pause = pending_[i + 1].pause;
    if (static_cast<double>(length) < kLeastFill * static_cast<double>(max_length_)) continue;
    if (pause <= longest) continue;
    longest = pause;
    best = i + 1;
  }
  return best;
}

void WindowBuilder::emit(size_t spans) {
  Window window;
  for (size_t i = 0; i < spans; ++i) {
    if (i > 0) window.cuts.push_back(static_cast<size_t>(window.times.length()));
    window.times.add(pending_[i].start, pending_[i].end - pending_[i].start);
  }
  const auto end = pending_audio_.begin() + window.times.length();
  window.samples.assign(pending_audio_.begin(), end);
  pending_audio_.erase(pending_audio_.begin(), end);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(spans));
  windows_.push_back(std::move(window));
}

}  // namespace steno
