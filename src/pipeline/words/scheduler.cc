// Problem: a model has a few replicas, each fast only with several windows at once. Recordings of
// any length arrive at any time, and a short one must not wait for a long one. Idea: each call has
// a lane. An idle replica takes windows from the lanes in turn, one from each, until its batch is
// full. While more windows are to come, it leaves the other idle replicas their share; of the last
// windows, each replica gets an equal part, so that all finish together. Results go back to their
// lane, which returns them in the order of submission.

#include "pipeline/words/scheduler.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <list>
#include <map>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace steno {
namespace {

using Task = std::function<void(std::stop_token)>;

/// A window, or a task that runs alone.
struct Item {
  size_t index = 0;
  asr::WindowRequest window;
  Task task;
  Scheduler::Lane::OnResult on_result;
};

}  // namespace

struct Scheduler::Lane::State {
  State(TranscribeOptions options, std::stop_token outer)
      : options(std::move(options)), link(std::move(outer), [this] { stop.request_stop(); }) {}

  const TranscribeOptions options;
  size_t batch_size = 1;
  size_t capacity = 1;  // the most windows in flight
  std::stop_source stop;
  std::stop_callback<std::function<void()>> link;

  /// False once the lane has ended. `mutex` is the scheduler's.
  bool wait_for_capacity(Mutex& mutex) REQUIRES(mutex);

  // Under the scheduler's mutex. Clang cannot check this: the mutex belongs to another object.
  CondVar changed;
  std::deque<Item> waiting;
  std::map<size_t, asr::WindowResult> results;
  size_t submitted = 0;
  size_t taken = 0;
  size_t tasks_put = 0;
  size_t tasks_done = 0;
  bool finished = false;
  std::exception_ptr error;
};

bool Scheduler::Lane::State::wait_for_capacity(Mutex& mutex) {
  changed.wait(mutex, stop.get_token(),
               [this] { return error != nullptr || submitted - taken < capacity; });
  return !stop.stop_requested() && !error;
}

namespace {

using LanePtr = std::shared_ptr<Scheduler::Lane::State>;

/// The next work of one replica: one task, or windows of one or more lanes.
struct Batch {
  struct Part {
    LanePtr lane;
    std::vector<size_t> indices;
  };
  std::vector<Part> parts;
  std::vector<asr::WindowRequest> windows;
  std::vector<Scheduler::Lane::OnResult> on_results;  // of each window
  Task task;
};

}  // namespace

struct Scheduler::Shared {
  size_t replicas = 1;
  size_t batch_size = 1;
  Decode decode;

  Mutex mutex;
  CondVar work;
  std::list<LanePtr> lanes GUARDED_BY(mutex);  // in the order of their turns
  size_t busy GUARDED_BY(mutex) = 0;           // replicas at work
  std::vector<std::jthread> threads;

  void serve(std::stop_token stop);
  size_t count_waiting() const REQUIRES(mutex);
  Batch take_batch() REQUIRES(mutex);
  void take_windows(Batch& batch, const LanePtr& first, size_t count) REQUIRES(mutex);
  void run(Batch& batch);
  void decode_parts(const Batch& batch, std::span<const Batch::Part> parts, size_t offset);
  void deliver(const Batch::Part& part, std::span<asr::WindowResult> results);
  void fail_lane(Lane::State& lane, std::exception_ptr error);
};

void Scheduler::Shared::serve(std::stop_token stop) {
  MutexLock lock(mutex);
  while (true) {
    work.wait(mutex, stop, [&]() REQUIRES(mutex) { return count_waiting() > 0; });
    if (stop.stop_requested()) return;
    Batch batch = take_batch();
    ++busy;
    lock.unlock();
    run(batch);
    batch = {};
    lock.lock();
    --busy;
  }
}

size_t Scheduler::Shared::count_waiting() const {
  size_t count = 0;
  for (const LanePtr& lane : lanes) count += lane->waiting.size();
  return count;
}

Batch Scheduler::Shared::take_batch() {
  const size_t waiting = count_waiting();
  const auto turn = std::find_if(lanes.begin(), lanes.end(),
                                 [](const LanePtr& lane) { return !lane->waiting.empty(); });
  const LanePtr lane = *turn;
  lanes.splice(lanes.end(), lanes, turn);
  Batch batch;
  if (lane->waiting.front().task) {
    batch.task = std::move(lane->waiting.front().task);
    batch.parts.push_back({lane, {}});
    lane->waiting.pop_front();
    return batch;
  }
  // While more windows are to come, busy replicas get the next ones. Of the last windows each
  // replica gets a share, so that all finish together.
  const bool last =
      std::all_of(lanes.begin(), lanes.end(), [](const LanePtr& each) { return each->finished; });
  const size_t sharers = last ? replicas : replicas - busy;
  const size_t share = (waiting + sharers - 1) / sharers;
  take_windows(batch, lane, std::min(lane->batch_size, share));
  return batch;
}

/// Up to `count` windows, one from each lane in turn, of all lanes that have the options of
/// `first`.
void Scheduler::Shared::take_windows(Batch& batch, const LanePtr& first, size_t count) {
  std::vector<LanePtr> fitting = {first};
  for (const LanePtr& lane : lanes) {
    if (lane != first && lane->options == first->options) fitting.push_back(lane);
  }
  std::vector<size_t> shares(fitting.size());
  for (bool found = true; found && count > 0;) {
    found = false;
    for (size_t i = 0; i < fitting.size() && count > 0; ++i) {
      const auto& waiting = fitting[i]->waiting;
      if (shares[i] == waiting.size() || waiting[shares[i]].task) continue;
      ++shares[i];
      --count;
      found = true;
    }
  }
  for (size_t i = 0; i < fitting.size(); ++i) {
    if (shares[i] == 0) continue;
    Batch::Part part{fitting[i], {}};
    for (size_t taken = 0; taken < shares[i]; ++taken) {
      Item& item = fitting[i]->waiting.front();
      part.indices.push_back(item.index);
      batch.windows.push_back(std::move(item.window));
      batch.on_results.push_back(std::move(item.on_result));
      fitting[i]->waiting.pop_front();
    }
    batch.parts.push_back(std::move(part));
  }
}

void Scheduler::Shared::run(Batch& batch) {
  Lane::State& first = *batch.parts.front().lane;
  try {
    if (batch.task) {
      batch.task(first.stop.get_token());
      batch.task = nullptr;
      const MutexLock lock(mutex);
      ++first.tasks_done;
      first.changed.notify_all();
    } else {
      decode_parts(batch, batch.parts, 0);
    }
  } catch (...) {
    if (batch.parts.size() == 1) return fail_lane(first, std::current_exception());
    // A window of one lane may have caused it. Each lane is decoded alone, so that others continue.
    size_t offset = 0;
    for (const Batch::Part& part : batch.parts) {
      try {
        decode_parts(batch, std::span(&part, 1), offset);
      } catch (...) {
        fail_lane(*part.lane, std::current_exception());
      }
      offset += part.indices.size();
    }
  }
}

/// Decodes the windows of `parts`, which begin at `offset`. Stops once all of their lanes ended.
void Scheduler::Shared::decode_parts(const Batch& batch, std::span<const Batch::Part> parts,
                                     size_t offset) {
  std::stop_source stop;
  std::atomic<size_t> left = parts.size();
  const std::function<void()> leave = [&] {
    if (--left == 0) stop.request_stop();
  };
  std::list<std::stop_callback<std::function<void()>>> links;
  size_t count = 0;
  for (const Batch::Part& part : parts) {
    links.emplace_back(part.lane->stop.get_token(), leave);
    count += part.indices.size();
  }
  auto results = decode(std::span(batch.windows).subspan(offset, count),
                        parts.front().lane->options, stop.get_token());
  results.resize(count);
  // The results of a stopped search are meaningless.
  for (size_t i = 0; i < count && !stop.stop_requested(); ++i) {
    if (const auto& on_result = batch.on_results[offset + i]) on_result(results[i]);
  }
  std::span<asr::WindowResult> rest = results;
  for (const Batch::Part& part : parts) {
    deliver(part, rest.first(part.indices.size()));
    rest = rest.subspan(part.indices.size());
  }
}

void Scheduler::Shared::deliver(const Batch::Part& part, std::span<asr::WindowResult> results) {
  const MutexLock lock(mutex);
  for (size_t i = 0; i < results.size(); ++i) {
    part.lane->results[part.indices[i]] = std::move(results[i]);
  }
  part.lane->changed.notify_all();
}

void Scheduler::Shared::fail_lane(Lane::State& lane, std::exception_ptr error) {
  const MutexLock lock(mutex);
  lane.error = std::move(error);
  lane.waiting.clear();
  lane.changed.notify_all();
}

Scheduler::Scheduler(int replicas, int batch_size, Decode decode)
    : shared_(std::make_shared<Shared>()) {
  shared_->replicas = static_cast<size_t>(std::max(1, replicas));
  shared_->batch_size = static_cast<size_t>(std::max(1, batch_size));
  shared_->decode = std::move(decode);
  for (size_t i = 0; i < shared_->replicas; ++i) {
    shared_->threads.emplace_back(
        [shared = shared_.get()](std::stop_token stop) { shared->serve(std::move(stop)); });
  }
}

Scheduler::~Scheduler() { shared_->threads.clear(); }

std::unique_ptr<Scheduler::Lane> Scheduler::open(TranscribeOptions options, std::stop_token stop,
                                                 std::optional<size_t> most_in_flight) {
  auto lane = std::make_shared<Lane::State>(std::move(options), std::move(stop));
  const int asked = lane->options.batch_size.value_or(0);
  lane->batch_size = asked > 0 ? static_cast<size_t>(asked) : shared_->batch_size;
  // One batch in each replica and the next one ready. Some more, so that a slow window, whose
  // result must come first, does not leave the other replicas idle.
  lane->capacity =
      most_in_flight.value_or(std::max<size_t>(8, 2 * shared_->replicas * lane->batch_size));
  const MutexLock lock(shared_->mutex);
  shared_->lanes.push_back(lane);
  return std::make_unique<Lane>(shared_, std::move(lane));
}

Scheduler::Lane::Lane(std::shared_ptr<Shared> shared, std::shared_ptr<State> state)
    : shared_(std::move(shared)), state_(std::move(state)) {}

Scheduler::Lane::~Lane() {
  stop();
  const MutexLock lock(shared_->mutex);
  state_->waiting.clear();
  shared_->lanes.remove(state_);
}

bool Scheduler::Lane::submit(asr::WindowRequest window, OnResult on_result) {
  State& lane = *state_;
  const MutexLock lock(shared_->mutex);
  if (!lane.wait_for_capacity(shared_->mutex)) return false;
  lane.waiting.push_back({lane.submitted++, std::move(window), nullptr, std::move(on_result)});
  shared_->work.notify_one();
  return true;
}

bool Scheduler::Lane::submit(asr::WindowResult result) {
  State& lane = *state_;
  const MutexLock lock(shared_->mutex);
  if (!lane.wait_for_capacity(shared_->mutex)) return false;
  lane.results.emplace(lane.submitted++, std::move(result));
  lane.changed.notify_all();
  return true;
}

void Scheduler::Lane::finish() {
  const MutexLock lock(shared_->mutex);
  state_->finished = true;
  state_->changed.notify_all();
}

std::optional<asr::WindowResult> Scheduler::Lane::next() {
  State& lane = *state_;
  const MutexLock lock(shared_->mutex);
  lane.changed.wait(shared_->mutex, stop_token(), [&] {
    return lane.error != nullptr || lane.results.contains(lane.taken) ||
           (lane.finished && lane.taken == lane.submitted);
  });
  if (lane.error) std::rethrow_exception(lane.error);
  if (lane.stop.stop_requested()) return std::nullopt;
  const auto found = lane.results.extract(lane.taken);
  if (found.empty()) return std::nullopt;
  ++lane.taken;
  lane.changed.notify_all();
  return std::move(found.mapped());
}

bool Scheduler::Lane::run(std::function<void(std::stop_token)> task) {
  State& lane = *state_;
  const MutexLock lock(shared_->mutex);
  if (lane.stop.stop_requested()) return false;
  lane.waiting.push_back({0, {}, std::move(task), {}});
  const size_t number = ++lane.tasks_put;
  shared_->work.notify_one();
  lane.changed.wait(shared_->mutex, stop_token(),
                    [&] { return lane.error != nullptr || lane.tasks_done >= number; });
  if (lane.error) std::rethrow_exception(lane.error);
  return !lane.stop.stop_requested();
}

void Scheduler::Lane::stop() { state_->stop.request_stop(); }
std::stop_token Scheduler::Lane::stop_token() const { return state_->stop.get_token(); }

}  // namespace steno
