#include "pipeline/words/merger.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace steno {
namespace {

bool is_before(const Segment& a, const Segment& b) {
  return std::pair(a.start, a.channel) < std::pair(b.start, b.channel);
}

}  // namespace

Merger::Merger(Sink& sink, std::optional<double> total) : sink_(sink), total_(total) {}

void Merger::add(std::vector<Segment> segments) {
  waiting_.insert(waiting_.end(), std::move_iterator(segments.begin()),
                  std::move_iterator(segments.end()));
  std::stable_sort(waiting_.begin(), waiting_.end(), is_before);
}

void Merger::release(double seconds) {
  const auto end = std::find_if(waiting_.begin(), waiting_.end(),
                                [&](const Segment& segment) { return segment.start >= seconds; });
  emit(static_cast<size_t>(end - waiting_.begin()));
  report(seconds);
}

std::vector<Segment> Merger::finish(double seconds) {
  emit(waiting_.size());
  total_ = seconds;
  report(seconds);
  return std::move(released_);
}

void Merger::emit(size_t count) {
  for (size_t i = 0; i < count; ++i) {
    Segment& segment = waiting_[i];
    segment.id = static_cast<int>(released_.size());
    sink_.segment(segment);
    released_.push_back(std::move(segment));
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Merger::report(double done) {
  done_ = std::max(done_, done);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin_;
  sink_.progress({done_, total_, time.count() > 0 ? done_ / time.count() : 0});
}

}  // namespace steno
