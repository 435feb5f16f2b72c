#include "pipeline/diarize/analyzer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/step_key.h"

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

template <class T, size_t N>
std::string_view bytes_of(std::span<T, N> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

/// False if the sizes differ.
template <class T, size_t N>
bool copy_to(std::string_view bytes, std::span<T, N> values) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (bytes.size() != values.size_bytes()) return false;
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return true;
}

}  // namespace

Analyzer::Analyzer(std::shared_ptr<const Networks> networks, int threads, CheckpointLog* checkpoint)
    : networks_(std::move(networks)), checkpoint_(checkpoint) {
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

/// The digest of all samples up to the end of the window. Each sample is added once, except those
/// of the last window.
std::string Analyzer::next_key(const Task& task) {
  const bool adds_hop = task.position.number > 0 && !task.position.is_last;
  const std::span<const float> samples(task.samples);
  StepKey key("speakers of a window");
  key.add(last_key_).add(task.position.is_last).add(adds_hop ? samples.last(kHopSamples) : samples);
  return last_key_ = key.finish();
}

std::optional<Analyzer::Found> Analyzer::recall(const std::string& key) const {
  const auto record = checkpoint_->take(key);
  if (!record) return std::nullopt;
  ByteReader in(*record);
  Found found;
  const bool has_frames = copy_to(in.text(), std::span(found.window.frames));
  found.excerpts.resize(in.count(sizeof(Excerpt)));
  const bool has_excerpts = copy_to(in.text(), std::span(found.excerpts));
  if (!has_frames || !has_excerpts || !in.is_whole()) return std::nullopt;
  return found;
}

void Analyzer::record(const Task& task, const Found& found) const {
  ByteWriter out;
  out.text(bytes_of(std::span(found.window.frames)));
  out.number(static_cast<uint64_t>(found.excerpts.size()));
  out.text(bytes_of(std::span(found.excerpts)));
  checkpoint_->record(task.key, out.bytes());
}

void Analyzer::enqueue(Task task) {
  std::optional<Found> known;
  if (checkpoint_ != nullptr) {
    task.key = next_key(task);
    known = recall(task.key);
  }
  const MutexLock lock(mutex_);
  if (known) {
    found_.emplace(task.position.number, *std::move(known));
    return;
  }
  const size_t most = 2 * threads_.size();
  changed_.wait(mutex_, stop_.get_token(), [&]() REQUIRES(mutex_) {
    return tasks_.size() + running_ < most || failure_.has_value();
  });
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
  const MutexLock lock(mutex_);
  changed_.wait(mutex_, stop_.get_token(), [&]() REQUIRES(mutex_) {
    return (tasks_.empty() && running_ == 0) || failure_.has_value();
  });
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
  MutexLock lock(mutex_);
  while (changed_.wait(mutex_, stop, [this]() REQUIRES(mutex_) { return !tasks_.empty(); })) {
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    ++running_;
    lock.unlock();
    auto found = analyze(task);
    if (found && checkpoint_ != nullptr) record(task, *found);
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
