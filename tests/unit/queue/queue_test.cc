#include <atomic>
#include <set>
#include <thread>

#include "unit/queue/queue_contract.h"

namespace steno {
namespace {

using std::chrono::minutes;
using std::chrono::steady_clock;

TEST_P(QueueContract, GivesNothingWhenNothingWaits) {
  EXPECT_EQ(pop(Milliseconds(0)), std::nullopt);
  const auto start = steady_clock::now();
  EXPECT_EQ(pop(Milliseconds(20)), std::nullopt);
  EXPECT_GE(steady_clock::now() - start, Milliseconds(20));
}

TEST_P(QueueContract, GivesWhatWaitedBefore) {
  submit(waiting_job("job_1", 0));
  EXPECT_EQ(pop(minutes(1)), "job_1");
}

TEST_P(QueueContract, AJobIsGivenUntilItIsClaimed) {
  submit(waiting_job("job_1", 0));
  submit(waiting_job("job_2", 0));
  const auto ticket = queue_->pop({}, minutes(1), {});
  ASSERT_TRUE(ticket);
  EXPECT_TRUE(claim(*queue_, *ticket));
  const auto other = queue_->pop({}, minutes(1), {});
  ASSERT_TRUE(other);
  EXPECT_NE(other->job_id, ticket->job_id);
  EXPECT_TRUE(claim(*queue_, *other));
  EXPECT_EQ(pop(Milliseconds(0)), std::nullopt);
}

TEST_P(QueueContract, ASubmissionEndsTheWait) {
  const auto other = open();
  std::optional<Ticket> ticket;
  std::jthread worker([&] { ticket = other->pop({}, minutes(10), {}); });
  submit(waiting_job("job_1", 0));
  worker.join();
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->job_id, "job_1");
}

TEST_P(QueueContract, AStopEndsTheWait) {
  std::stop_source stop;
  std::jthread worker([&] { EXPECT_FALSE(queue_->pop({}, minutes(10), stop.get_token())); });
  stop.request_stop();
  worker.join();
  submit(waiting_job("job_1", 0));
  EXPECT_FALSE(queue_->pop({}, minutes(10), stop.get_token()));
}

TEST_P(QueueContract, ABackOffIsWaitedOut) {
  Job job = waiting_job("job_1", 0.03);
  submit(job);
  EXPECT_EQ(pop(Milliseconds(0)), std::nullopt);
  // Nobody rings when the time has come.
  std::jthread time([&] {
    std::this_thread::sleep_for(Milliseconds(5));
    clock_.set(at(0.03));
  });
  EXPECT_EQ(pop(minutes(10)), "job_1");
}

TEST_P(QueueContract, GivesOnlyWhatThereIsRoomFor) {
  Job job = waiting_job("job_large", 0);
  job.source.bytes = 1000;
  submit(job);
  EXPECT_EQ(pop(Milliseconds(0), Room{.most_bytes = 999}), std::nullopt);
  EXPECT_EQ(pop(minutes(1), Room{.most_bytes = 1000}), "job_large");
}

TEST_P(QueueContract, WakeGivesAnotherLook) {
  // Stored without a word, as by a process that was killed in between.
  const auto other = open();
  std::atomic<bool> given = false;
  std::jthread worker([&] { given = other->pop({}, minutes(10), {}).has_value(); });
  store_->jobs().create(waiting_job("job_1", 0), {}, std::nullopt, Milliseconds(0), {});
  queue_->wake();
  worker.join();
  EXPECT_TRUE(given);
}

TEST_P(QueueContract, ManyWorkersTakeEachJobOnce) {
  constexpr int kWorkers = 4;
  constexpr int kJobs = 100;
  std::atomic<int> claimed = 0;
  std::stop_source stop;
  std::vector<std::jthread> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.emplace_back([&] {
      const auto mine = open();
      while (const auto ticket = mine->pop({}, minutes(10), stop.get_token())) {
        if (claim(*mine, *ticket) && ++claimed == kJobs) stop.request_stop();
      }
    });
  }
  for (int i = 0; i < kJobs; ++i) submit(waiting_job("job_" + std::to_string(i), 0));
  workers.clear();
  EXPECT_EQ(claimed, kJobs);
  EXPECT_EQ(store_->jobs().processing().size(), size_t{kJobs});
}

}  // namespace
}  // namespace steno
