#include "unit/queue/queue_contract.h"

#include <set>
#include <thread>

namespace steno {
namespace {

using std::chrono::minutes;
using std::chrono::steady_clock;

TEST_P(QueueContract, WaitsWithoutAHint) {
  drain(*queue_);
  const auto start = steady_clock::now();
  EXPECT_FALSE(queue_->pop(Milliseconds(20), {}));
  EXPECT_GE(steady_clock::now() - start, Milliseconds(20));
}

TEST_P(QueueContract, GivesTheHintOfEarlier) {
  drain(*queue_);
  submit(waiting_job("job_1", 0));
  EXPECT_TRUE(queue_->pop(minutes(1), {}));
}

TEST_P(QueueContract, ANewQueueLooksAtOnce) {
  submit(waiting_job("job_1", 0));
  EXPECT_TRUE(other().pop(minutes(1), {}));
}

TEST_P(QueueContract, AHintEndsTheWait) {
  Queue& mine = other();
  drain(mine);
  std::atomic<bool> has_hint = false;
  std::jthread worker([&] { has_hint = mine.pop(minutes(10), {}).has_value(); });
  submit(waiting_job("job_1", 0));
  worker.join();
  EXPECT_TRUE(has_hint);
}

TEST_P(QueueContract, AStopEndsTheWait) {
  drain(*queue_);
  std::stop_source stop;
  std::jthread worker([&] { EXPECT_FALSE(queue_->pop(minutes(10), stop.get_token())); });
  stop.request_stop();
  worker.join();
  submit(waiting_job("job_1", 0));
  EXPECT_FALSE(queue_->pop(minutes(10), stop.get_token()));
}

TEST_P(QueueContract, GivesTheHintOfAJobWhenItsBackOffIsOver) {
  submit(waiting_job("job_1", 0.03));
  drain(*queue_);
  const auto start = steady_clock::now();
  std::jthread time([&] {
    std::this_thread::sleep_for(Milliseconds(5));
    clock_.set(at(0.03));
  });
  EXPECT_TRUE(queue_->pop(minutes(10), {}));
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(10));
}

TEST_P(QueueContract, WakeGivesAHintToThoseWhoWait) {
  // Stored without a hint, as by a process that was killed in between.
  Queue& mine = other();
  drain(mine);
  std::atomic<bool> has_hint = false;
  std::jthread worker([&] { has_hint = mine.pop(minutes(10), {}).has_value(); });
  store(waiting_job("job_1", 0));
  queue_->wake();
  worker.join();
  EXPECT_TRUE(has_hint);
}

TEST_P(QueueContract, ARepeatedHintIsNoSecondJob) {
  const Job job = waiting_job("job_1", 0);
  submit(job);
  queue_->push(std::span(&job, 1));
  std::vector<std::string> claimed;
  while (const auto ticket = queue_->pop(Milliseconds(0), {})) {
    if (const auto id = claim(); !id.empty()) claimed.push_back(id);
    queue_->done(*ticket);
  }
  EXPECT_EQ(claimed, std::vector<std::string>{"job_1"});
}

/// Claims until `jobs` jobs are claimed by all workers, as Worker does.
void work(Queue& queue, const std::function<std::string()>& claim, std::atomic<int>& claimed,
          int jobs, std::stop_source& stop, Milliseconds longest) {
  while (!stop.stop_requested()) {
    if (!claim().empty()) {
      if (++claimed == jobs) stop.request_stop();
      continue;
    }
    if (const auto ticket = queue.pop(longest, stop.get_token())) queue.done(*ticket);
  }
}

TEST_P(QueueContract, ManyWorkersTakeEachJobOnce) {
  constexpr int kWorkers = 4;
  constexpr int kJobs = 100;
  std::atomic<int> claimed = 0;
  std::stop_source stop;
  std::vector<std::jthread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      work(
          other(), [this] { return claim(); }, claimed, kJobs, stop, minutes(10));
    });
  }
  for (int i = 0; i < kJobs; ++i) submit(waiting_job("job_" + std::to_string(i), 0));
  workers.clear();
  EXPECT_EQ(claimed, kJobs);
  EXPECT_EQ(store_->jobs().processing().size(), size_t{kJobs});
}

TEST_P(QueueContract, NoJobIsLostWhenHintsAreLostRepeatedAndReordered) {
  constexpr int kWorkers = 4;
  constexpr int kJobs = 100;
  UnreliableQueue unreliable(*queue_);
  std::atomic<int> claimed = 0;
  std::stop_source stop;
  std::vector<std::jthread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      work(
          unreliable, [this] { return claim(); }, claimed, kJobs, stop, minutes(10));
    });
  }
  for (int i = 0; i < kJobs; ++i) {
    const Job job = waiting_job("job_" + std::to_string(i), 0);
    store(job);
    unreliable.push(std::span(&job, 1));
  }
  clock_.set(at(1));
  while (!stop.stop_requested()) {  // as housekeeping does
    const auto waiting = store_->jobs().available_before(at(1), 10);
    if (!waiting.empty()) unreliable.push(waiting);
    std::this_thread::sleep_for(Milliseconds(1));
  }
  workers.clear();
  EXPECT_EQ(claimed, kJobs);
  EXPECT_EQ(store_->jobs().processing().size(), size_t{kJobs});
}

}  // namespace
}  // namespace steno
