#include "pipeline/diarize/analyzer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace steno::diarize {
namespace {

constexpr size_t kHopSamples = static_cast<size_t>(kWindowHop) * Networks::kFrameShift;

uint8_t byte_of(float probability) {
  return static_cast<uint8_t>(
      std::lround(std::clamp(probability, 0.0F, 1.0F) * SpeakerWindow::kCertain));
}

SpeakerWindow::Frame frame_of(const FrameClasses& p) {
  return {{byte_of(p[1] + p[4] + p[5]), byte_of(p[2] + p[4] + p[6]), byte_of(p[3] + p[5] + p[6])},
          byte_of(p[4] + p[5] + p[6])};
}

}  // namespace

Analyzer::Analyzer(std::shared_ptr<const Networks> networks, int threads)
    : networks_(std::move(networks)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(stop_.get_token()); });
}

Analyzer::~Analyzer() { stop(); }

void Analyzer::stop() { stop_.request_stop(); }

void Analyzer::push(std::span<const float> samples) {
  length_ += static_cast<int64_t>(samples.size());
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  // The last window is treated differently, so a window is queued only once more samples follow it.
  while (samples_.size() > Networks::kWindow) {
    enqueue({{next_++, false}, {samples_.begin(), samples_.begin() + Networks::kWindow}});
    samples_.erase(samples_.begin(), samples_.begin() + kHopSamples);
  }
}

void Analyzer::enqueue(Task task) {
  std::unique_lock lock(mutex_);
  const size_t most = 2 * threads_.size();
  changed_.wait(lock, stop_.get_token(),
                [&] { return tasks_.size() + running_ < most || failure_.has_value(); });
  if (failure_ || stop_.stop_requested()) return;
  tasks_.push_back(std::move(task));
  changed_.notify_all();
}

Result<Voices> Analyzer::finish() {
  Voices voices;
  voices.samples = length_;
  if (length_ > 0) {
    samples_.resize(Networks::kWindow);
    enqueue({{next_, true}, std::move(samples_)});
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop_.get_token(),
                [&] { return (tasks_.empty() && running_ == 0) || failure_.has_value(); });
  if (failure_) return tl::unexpected(*failure_);
  if (stop_.stop_requested()) return fail(Errc::cancelled, "cancelled");
  voices.windows.reserve(found_.size());
  for (const auto& [number, found] : found_) {
    voices.windows.push_back(found.window);
    voices.excerpts.insert(voices.excerpts.end(), found.excerpts.begin(), found.excerpts.end());
  }
  std::ranges::stable_sort(voices.excerpts, {}, &Excerpt::begin);
  return voices;
}

void Analyzer::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !tasks_.empty(); })) {
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    auto found = analyze(task);
    lock.lock();
    if (found) {
      found_.emplace(task.position.number, *std::move(found));
    } else if (!failure_) {
      failure_ = found.error();
    }
    --running_;
    changed_.notify_all();
  }
}

Result<Analyzer::Found> Analyzer::analyze(const Task& task) const {
  Found found;
  const auto frames = networks_->segment(task.samples);
  if (!frames) return tl::unexpected(frames.error());
  std::ranges::transform(*frames, found.window.frames.begin(), frame_of);
  found.excerpts = excerpts_of(found.window, task.position);
  for (Excerpt& excerpt : found.excerpts) {
    const auto embedding = embedding_of(excerpt, task.samples, bank_, *networks_);
    if (!embedding) return tl::unexpected(embedding.error());
    excerpt.embedding = *embedding;
    excerpt.begin += task.position.number * kWindowHop;
    excerpt.end += task.position.number * kWindowHop;
  }
  return found;
}

}  // namespace steno::diarize
