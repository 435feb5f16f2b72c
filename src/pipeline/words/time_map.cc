#include "pipeline/words/time_map.h"

#include <algorithm>
#include <cmath>

#include "pipeline/vad/vad.h"

namespace steno {
namespace {

double seconds_of(int64_t samples) { return static_cast<double>(samples) / vad::kSampleRate; }

/// A timestamp token is a multiple of 20 ms, but a piece ends at any sample. A time closer than
/// this to a seam counts as the seam.
constexpr double kSeam = 0.02;

}  // namespace

void TimeMap::add(int64_t start, int64_t length) {
  if (length <= 0) return;
  if (!pieces_.empty() && pieces_.back().start + pieces_.back().length == start) {
    pieces_.back().length += length;
  } else {
    pieces_.push_back({length_, start, length});
  }
  length_ += length;
}

const TimeMap::Piece& TimeMap::piece_at(double seconds) const {
  const auto after = std::upper_bound(
      pieces_.begin(), pieces_.end(), seconds,
      [](double value, const Piece& piece) { return value < seconds_of(piece.from); });
  return after == pieces_.begin() ? *after : *(after - 1);
}

double TimeMap::to_recording(double seconds, Edge edge) const {
  if (pieces_.empty()) return seconds;
  const Piece& piece = piece_at(edge == Edge::start ? seconds + kSeam : seconds - kSeam);
  const double inside = seconds - seconds_of(piece.from);
  return seconds_of(piece.start) + std::clamp(inside, 0.0, seconds_of(piece.length));
}

std::vector<TimeRange> TimeMap::ranges(double begin, double end) const {
  std::vector<TimeRange> ranges;
  for (const Piece& piece : pieces_) {
    const double from = seconds_of(piece.from);
    const double first = std::max(begin - from, 0.0);
    const double last = std::min(end - from, seconds_of(piece.length));
    const double start = seconds_of(piece.start);
    if (first < last) ranges.push_back({start + first, start + last});
  }
  return ranges;
}

void TimeMap::restore(Segment& segment) const {
  if (pieces_.empty()) return;
  for (Word& word : segment.words) {
    const Piece& piece = piece_at((word.start + word.end) / 2);
    const double from = seconds_of(piece.from);
    const double length = seconds_of(piece.length);
    word.start = seconds_of(piece.start) + std::clamp(word.start - from, 0.0, length);
    word.end = seconds_of(piece.start) + std::clamp(word.end - from, 0.0, length);
  }
  segment.start = to_recording(segment.start, Edge::start);
  segment.end = std::max(segment.start, to_recording(segment.end, Edge::end));
  if (segment.words.empty()) return;
  segment.start = segment.words.front().start;
  segment.end = segment.words.back().end;
}

void TimeMap::forget_before(double seconds) {
  const auto kept = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
    return seconds_of(piece.from + piece.length) >= seconds - 1;
  });
  pieces_.erase(pieces_.begin(), kept);
}

}  // namespace steno
