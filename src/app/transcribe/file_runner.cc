#include "app/transcribe/file_runner.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "domain/event.h"

namespace steno::app {
namespace {

using Clock = std::chrono::steady_clock;

struct Started {};
struct Event {
  size_t input = 0;
  std::variant<Started, Segment, FileProgress, Result<Transcript>> what;
};

void deliver(RunObserver& observer, Event event) {
  struct Visitor {
    RunObserver& observer;
    size_t input;
    void operator()(Started) const { observer.started(input); }
    void operator()(const Segment& segment) const { observer.segment(input, segment); }
    void operator()(const FileProgress& progress) const { observer.progress(input, progress); }
    void operator()(Result<Transcript>& result) const {
      observer.finished(input, std::move(result));
    }
  };
  std::visit(Visitor{observer, event.input}, event.what);
  observer.tick();
}

}  // namespace

// State shared between the threads and the caller. It outlives a caller that abandons the threads.
struct FileRunner::Shared {
  Mutex mutex;
  CondVar changed;
  std::deque<Event> events GUARDED_BY(mutex);
  size_t next GUARDED_BY(mutex) = 0;
  size_t running GUARDED_BY(mutex) = 0;  // number of threads
  size_t count = 0;
  FileJob job;
  std::stop_source stop;
  std::vector<std::thread> threads;

  void push(Event event) {
    {
      const MutexLock lock(mutex);
      events.push_back(std::move(event));
    }
    changed.notify_one();
  }

  std::optional<size_t> take() {
    const MutexLock lock(mutex);
    if (stop.stop_requested() || next == count) return std::nullopt;
    return next++;
  }

  Result<Transcript> attempt(size_t input) {
    const JobEvents events = {[this, input](const Segment& segment) {
                                push({input, segment});
                              },
                              [this, input](const FileProgress& progress) {
                                push({input, progress});
                              }};
    try {
      return job(input, events, stop.get_token());
    } catch (const std::exception& error) {
      return fail(Errc::io, error.what());
    }
  }

  void work() {
    while (const auto input = take()) {
      push({*input, Started()});
      push({*input, attempt(*input)});
    }
    {
      const MutexLock lock(mutex);
      --running;
    }
    changed.notify_one();
  }
};

FileRunner::FileRunner(FileJob job, size_t at_once)
    : job_(std::move(job)), at_once_(std::max<size_t>(1, at_once)) {}

FileRunner::~FileRunner() {
  if (!shared_) return;
  for (std::thread& thread : shared_->threads) thread.join();
}

bool FileRunner::run(size_t count, RunObserver& observer, std::stop_token stop,
                     std::chrono::milliseconds grace) {
  shared_ = std::make_shared<Shared>();
  Shared& shared = *shared_;
  shared.count = count;
  shared.job = job_;
  const size_t threads = std::min(count, at_once_);
  {
    const MutexLock lock(shared.mutex);
    shared.running = threads;
  }
  for (size_t i = 0; i < threads; ++i) {
    shared.threads.emplace_back([kept = shared_] { kept->work(); });
  }
  const std::stop_callback on_stop(stop, [&shared] {
    shared.stop.request_stop();
    shared.changed.notify_one();
  });

  std::optional<Clock::time_point> give_up;
  MutexLock lock(shared.mutex);
  while (shared.running > 0 || !shared.events.empty()) {
    if (!shared.events.empty()) {
      Event event = std::move(shared.events.front());
      shared.events.pop_front();
      lock.unlock();
      deliver(observer, std::move(event));
      lock.lock();
    } else {
      shared.changed.wait_for(shared.mutex, std::chrono::milliseconds(100));
      lock.unlock();
      observer.tick();
      lock.lock();
    }
    if (!shared.stop.stop_requested()) continue;
    if (!give_up) give_up = Clock::now() + grace;
    if (Clock::now() < *give_up) continue;
    for (std::thread& thread : shared.threads) thread.detach();
    shared.threads.clear();
    return false;
  }
  return true;
}

}  // namespace steno::app
