#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "unit/store/store_contract.h"

namespace steno {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ClaimContract, NothingWaitsAtFirst) {
  EXPECT_FALSE(next(1));
  EXPECT_FALSE(jobs().next_available(at(1)));
  EXPECT_THAT(jobs().depths(), IsEmpty());
  EXPECT_THAT(jobs().processing(), IsEmpty());
}

TEST_P(ClaimContract, TheLongestWaitingStartsFirst) {
  create(waiting_job("job_b", 2));
  create(waiting_job("job_a", 1));
  create(waiting_job("job_c", 3));
  EXPECT_EQ(next(10), "job_a");
  EXPECT_EQ(next(10), "job_a");  // looking claims nothing
  EXPECT_EQ(take(10), "job_a");
  EXPECT_EQ(take(10), "job_b");
  EXPECT_EQ(take(10), "job_c");
  EXPECT_EQ(take(10), "");
}

TEST_P(ClaimContract, WritesWhatTheChangeSays) {
  create(waiting_job("job_1", 1));
  const Usage usage{.owner = "ann", .key_id = "key_ann", .day = "2026-11-25", .jobs = 1};
  const auto claimed = jobs().claim_next({.now = at(5)}, [&](const Job& job) {
    JobWrite write{job};
    write.job.state = State::failed;
    write.job.finished_at = at(5);
    write.events = {event("status", "failed", at(5)), event("end", "{}", at(5))};
    write.usage = usage;
    return write;
  });
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->before, waiting_job("job_1", 1));
  EXPECT_EQ(claimed->after, stored("job_1"));
  EXPECT_EQ(claimed->after.state, State::failed);
  EXPECT_EQ(claimed->after.version, claimed->before.version + 1);
  EXPECT_EQ(store_->events().events_of("job_1", 1, 10).size(), 2u);
  EXPECT_THAT(store_->usage().list("ann", "2026-01-01", "2026-12-31"), ElementsAre(usage));
  EXPECT_EQ(take(6), "");
}

TEST_P(ClaimContract, AChangeThatThrowsChangesNothing) {
  create(waiting_job("job_1", 1));
  const auto fail = [](const Job&) -> JobWrite { throw std::runtime_error("no"); };
  EXPECT_THROW(jobs().claim_next({.now = at(5)}, fail), std::runtime_error);
  EXPECT_EQ(stored("job_1"), waiting_job("job_1", 1));
  EXPECT_EQ(take(6), "job_1");
}

TEST_P(ClaimContract, AHigherPriorityStartsFirst) {
  create(waiting_job("job_low", 1, "ann", 0));
  create(waiting_job("job_high", 2, "ann", 9));
  create(waiting_job("job_middle", 1, "bob", 5));
  EXPECT_EQ(take(10), "job_high");
  EXPECT_EQ(take(10), "job_middle");
  EXPECT_EQ(take(10), "job_low");
}

TEST_P(ClaimContract, WaitingRaisesThePriority) {
  create(waiting_job("job_old", 0, "ann", 4));
  create(waiting_job("job_new", 60, "ann", 5));
  EXPECT_EQ(next(60, seconds(61)), "job_new");
  // A whole step: equal now, and it waits longer.
  EXPECT_EQ(next(61, seconds(61)), "job_old");
  EXPECT_EQ(next(100'000, Milliseconds(0)), "job_new");  // no ageing
}

TEST_P(ClaimContract, NoJobStarves) {
  create(waiting_job("job_low", 0, "ann", 0));
  // Two new jobs of the highest priority for each that is taken.
  int taken = 0;
  for (int second = 0; second < 1000; ++second) {
    create(waiting_job("job_high_a" + std::to_string(second), second, "bob", 9));
    create(waiting_job("job_high_b" + std::to_string(second), second, "bob", 9));
    ++taken;
    if (take(second, seconds(2)) == "job_low") break;
  }
  EXPECT_GT(taken, 10);
  EXPECT_LT(taken, 60);
}

TEST_P(ClaimContract, OwnersTakeTurns) {
  for (int i = 0; i < 6; ++i) create(waiting_job("job_a" + std::to_string(i), i, "ann"));
  for (int i = 0; i < 2; ++i) create(waiting_job("job_b" + std::to_string(i), 10 + i, "bob"));
  for (int i = 0; i < 2; ++i) create(waiting_job("job_c" + std::to_string(i), 20 + i, "cem"));
  std::vector<std::string> order;
  for (int i = 0; i < 10; ++i) order.push_back(take(30));
  EXPECT_THAT(order, ElementsAre("job_a0", "job_b0", "job_c0", "job_a1", "job_b1", "job_c1",
                                 "job_a2", "job_a3", "job_a4", "job_a5"));
}

TEST_P(ClaimContract, ALaterOwnerAlternatesWithAnOldBacklog) {
  for (int i = 0; i < 3; ++i) create(waiting_job("job_a" + std::to_string(i), i, "ann"));
  create(waiting_job("job_b0", 200, "bob"));
  create(waiting_job("job_b1", 300, "bob"));
  std::vector<std::string> order;
  for (int i = 0; i < 5; ++i) order.push_back(take(400));
  EXPECT_THAT(order, ElementsAre("job_a0", "job_b0", "job_a1", "job_b1", "job_a2"));
}

TEST_P(ClaimContract, AnOwnerWithOneJobAtATimeDoesNotJumpTheTurn) {
  for (int i = 0; i < 5; ++i) create(waiting_job("job_a" + std::to_string(i), i, "ann"));
  create(waiting_job("job_b0", 10, "bob"));
  std::map<char, int> taken;
  for (int i = 0; i < 6; ++i) {
    const char owner = take(30).at(4);
    ++taken[owner];
    if (owner == 'b') create(waiting_job("job_b" + std::to_string(taken['b']), 10, "bob"));
  }
  EXPECT_EQ(taken['a'], 3);
  EXPECT_EQ(taken['b'], 3);
}

TEST_P(ClaimContract, ABackOffIsWaitedOut) {
  Job job = waiting_job("job_1", 1);
  job.available_at = at(5);
  create(job);
  create(waiting_job("job_2", 2));
  EXPECT_EQ(jobs().next_available(at(3)), at(5));
  EXPECT_EQ(take(4.999), "job_2");
  EXPECT_EQ(next(4.999), std::nullopt);
  EXPECT_EQ(next(5), "job_1");
  EXPECT_EQ(jobs().next_available(at(5)), std::nullopt);
}

TEST_P(ClaimContract, AJobTooLargeForTheRoomIsPassedOver) {
  Job large = waiting_job("job_large", 1);
  large.source.bytes = 1000;
  Job small = waiting_job("job_small", 2);
  small.source.bytes = 999;
  create(large);
  create(small);
  EXPECT_EQ(next(5), "job_large");
  EXPECT_EQ(next(5, minutes(1), 1000), "job_large");
  EXPECT_EQ(next(5, minutes(1), 999), "job_small");
  EXPECT_EQ(next(5, minutes(1), 998), std::nullopt);
  // From an address: its size is not known, and it may be the longest of all.
  create(waiting_job("job_unknown", 3));
  EXPECT_EQ(next(5, minutes(1), 998), std::nullopt);
  EXPECT_EQ(next(5), "job_large");
}

TEST_P(ClaimContract, AJobComesBackToTheQueue) {
  create(waiting_job("job_1", 1));
  claim("job_1");
  EXPECT_EQ(next(5), std::nullopt);
  change("job_1", [](Job& job) {
    job.state = State::pending;
    job.priority = 7;
  });
  EXPECT_EQ(next(5), "job_1");
  EXPECT_EQ(jobs().depths().at(0).priority, 7);
}

TEST_P(ClaimContract, FindsWhatHasBeenAvailableForLong) {
  create(waiting_job("job_b", 2));
  create(waiting_job("job_a", 1));
  Job later = waiting_job("job_later", 0);
  later.available_at = at(100);
  create(later);
  create(waiting_job("job_taken", 0));
  claim("job_taken");
  EXPECT_THAT(ids(jobs().available_before(at(3), 10)), ElementsAre("job_a", "job_b"));
  EXPECT_THAT(ids(jobs().available_before(at(2), 10)), ElementsAre("job_a"));
  EXPECT_THAT(ids(jobs().available_before(at(3), 1)), ElementsAre("job_a"));
  EXPECT_THAT(jobs().available_before(at(1), 10), IsEmpty());
}

TEST_P(ClaimContract, DepthsCountTheWaitingByPriority) {
  create(waiting_job("job_1", 3, "ann", 5));
  create(waiting_job("job_2", 2, "bob", 5));
  create(waiting_job("job_3", 1, "bob", 9));
  create(waiting_job("job_4", 0, "bob", 5));
  claim("job_4");
  auto depths = jobs().depths();
  ASSERT_EQ(depths.size(), 2u);
  EXPECT_EQ(depths[0].priority, 5);
  EXPECT_EQ(depths[0].waiting, 2);
  EXPECT_EQ(depths[0].oldest, at(2));
  EXPECT_EQ(depths[1].priority, 9);
  EXPECT_EQ(depths[1].waiting, 1);

  change("job_1", [](Job& job) { job.priority = 9; });
  depths = jobs().depths();
  EXPECT_EQ(depths[0].waiting, 1);
  EXPECT_EQ(depths[1].waiting, 2);
}

TEST_P(ClaimContract, ThePlaceInTheQueueIsTheOrderOfStarting) {
  for (int i = 0; i < 4; ++i) create(waiting_job("job_a" + std::to_string(i), i, "ann"));
  for (int i = 0; i < 2; ++i) create(waiting_job("job_b" + std::to_string(i), 10 + i, "bob"));
  create(waiting_job("job_high", 20, "cem", 9));
  create(waiting_job("job_low", 0, "cem", 1));
  // As the jobs will be taken: high, a0, b0, a1, b1, a2, a3, low.
  take(30);
  take(30);
  EXPECT_EQ(jobs().place_in_queue(stored("job_high")), 0);  // it waits no more
  EXPECT_EQ(jobs().place_in_queue(stored("job_b0")), 0);
  EXPECT_EQ(jobs().place_in_queue(stored("job_a1")), 1);
  EXPECT_EQ(jobs().place_in_queue(stored("job_b1")), 2);
  EXPECT_EQ(jobs().place_in_queue(stored("job_a2")), 3);
  EXPECT_EQ(jobs().place_in_queue(stored("job_a3")), 4);
  EXPECT_EQ(jobs().place_in_queue(stored("job_low")), 5);
}

TEST_P(ClaimContract, ProcessingJobsAreTheLeases) {
  create(waiting_job("job_1", 1));
  create(waiting_job("job_2", 2));
  create(waiting_job("job_3", 3));
  claim("job_2");
  end("job_3", State::completed, 4);
  const auto running = jobs().processing();
  ASSERT_EQ(ids(running), std::vector<std::string>{"job_2"});
  EXPECT_EQ(running[0], stored("job_2"));
}

TEST_P(ClaimContract, AJobIsOverdueFromItsTimeOn) {
  Job job = waiting_job("job_1", 1);
  job.queue_until = at(5);
  create(job);
  job.id = "job_2";
  job.queue_until = at(4);
  create(job);
  create(waiting_job("job_3", 1));  // has all the time
  EXPECT_THAT(jobs().overdue(at(3), 10), IsEmpty());
  EXPECT_THAT(jobs().overdue(at(5), 10), ElementsAre("job_2", "job_1"));
  EXPECT_THAT(jobs().overdue(at(5), 1), ElementsAre("job_2"));
  claim("job_2");
  EXPECT_THAT(jobs().overdue(at(5), 10), ElementsAre("job_1"));
}

TEST_P(ClaimContract, RetentionFindsWhatIsStillKept) {
  for (const auto* id : {"job_1", "job_2", "job_3"}) {
    Job job = waiting_job(id, 1);
    job.source.blob = std::string("audio/") + id;
    create(job);
  }
  end("job_1", State::completed, 20);
  end("job_2", State::failed, 10);
  using enum JobStore::Kept;
  EXPECT_THAT(ids(jobs().ended_before(at(10), audio, 10)), IsEmpty());
  EXPECT_THAT(ids(jobs().ended_before(at(11), audio, 10)), ElementsAre("job_2"));
  EXPECT_THAT(ids(jobs().ended_before(at(30), audio, 10)), ElementsAre("job_2", "job_1"));
  EXPECT_THAT(ids(jobs().ended_before(at(30), audio, 1)), ElementsAre("job_2"));
  EXPECT_THAT(ids(jobs().ended_before(at(30), JobStore::Kept::job, 10)),
              ElementsAre("job_2", "job_1"));

  change("job_1", [](Job& job) { job.source.blob.clear(); });
  EXPECT_THAT(ids(jobs().ended_before(at(30), audio, 10)), ElementsAre("job_2"));
  change("job_2", [](Job& job) { job.dead_letter = true; });
  EXPECT_THAT(ids(jobs().ended_before(at(30), JobStore::Kept::job, 10)), ElementsAre("job_1"));
  change("job_2", [](Job& job) { job.state = State::pending; });  // sent again
  EXPECT_THAT(ids(jobs().ended_before(at(30), audio, 10)), IsEmpty());
}

TEST_P(ClaimContract, ABatchIsCountedByState) {
  for (int i = 0; i < 5; ++i) {
    Job job = waiting_job("job_" + std::to_string(i), i);
    job.batch_id = "batch_1";
    create(job);
  }
  claim("job_0");
  end("job_1", State::completed, 9);
  end("job_2", State::completed, 9);
  const auto counts = jobs().count_batch("batch_1", "ann");
  ASSERT_TRUE(counts);
  EXPECT_THAT(*counts, ElementsAre(2, 1, 2, 0, 0));
  EXPECT_FALSE(jobs().count_batch("batch_1", "eve"));
  EXPECT_FALSE(jobs().count_batch("batch_2", "ann"));
  EXPECT_FALSE(jobs().count_batch("", "ann"));
}

/// The claims of one worker.
struct Claims {
  std::vector<std::string> jobs;
  int in_vain = 0;  ///< that returned nothing although jobs waited
};

TEST_P(ClaimContract, EightClaimersTakeEachJobOnceAndRarelyInVain) {
  constexpr int kClaimers = 8;
  constexpr int kOwners = 5;
  constexpr int kJobs = 2000;
  JobSubmission backlog;
  for (int i = 0; i < kJobs; ++i) {
    const std::string owner = "owner_" + std::to_string(i % kOwners);
    backlog.jobs.push_back(waiting_job("job_" + std::to_string(i), i * 0.001, owner, i % 3));
  }
  submit(jobs(), backlog);
  const auto stores = handles(kClaimers);
  std::atomic<int> claimed = 0;
  std::vector<Claims> claims(kClaimers);
  {
    std::vector<std::jthread> claimers;
    for (size_t i = 0; i < kClaimers; ++i) {
      claimers.emplace_back([&, i] {
        while (claimed < kJobs) {
          const auto claim = stores[i]->jobs().claim_next({.now = at(10)}, to_processing);
          if (claim) {
            ++claimed;
            claims[i].jobs.push_back(claim->after.id);
          } else if (claimed + kClaimers <= kJobs) {
            ++claims[i].in_vain;
          }
        }
      });
    }
  }
  std::set<std::string> all;
  size_t count = 0;
  int in_vain = 0;
  for (const Claims& mine : claims) {
    all.insert(mine.jobs.begin(), mine.jobs.end());
    count += mine.jobs.size();
    in_vain += mine.in_vain;
  }
  EXPECT_EQ(count, size_t{kJobs});
  EXPECT_EQ(all.size(), size_t{kJobs});
  EXPECT_LE(in_vain, kJobs / 100);
  for (const Job& job : jobs().processing()) EXPECT_EQ(job.fence, 1) << job.id;
}

}  // namespace
}  // namespace steno
