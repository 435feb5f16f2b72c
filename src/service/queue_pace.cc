#include "service/queue_pace.h"

#include <algorithm>

namespace steno::service {
namespace {

constexpr int kSample = 20;
constexpr std::chrono::seconds kPaceFresh{5};

}  // namespace

std::optional<double> QueuePace::seconds_left(std::int64_t waiting) {
  const Pace pace = current();
  if (!pace.seconds_per_job) return std::nullopt;
  return (static_cast<double>(waiting) / pace.at_once + 1) * *pace.seconds_per_job;
}

QueuePace::Pace QueuePace::current() {
  const MutexLock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!measured_at_ || now - *measured_at_ > kPaceFresh) {
    pace_ = measure();
    measured_at_ = now;
  }
  return pace_;
}

QueuePace::Pace QueuePace::measure() {
  JobQuery query;
  query.state = State::completed;
  query.limit = kSample;
  double seconds = 0;
  int jobs = 0;
  for (const auto& job : jobs_.list(query)) {
    if (!job.started_at || !job.finished_at) continue;
    seconds += std::chrono::duration<double>(*job.finished_at - *job.started_at).count();
    ++jobs;
  }
  if (jobs == 0) return {};
  const auto at_once = std::max<std::size_t>(1, jobs_.processing().size());
  return {seconds / jobs, static_cast<double>(at_once)};
}

}  // namespace steno::service
