#include "jobs/lease_watch.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

using namespace std::chrono_literals;

Job job(int64_t heartbeats, int64_t fence = 1, const std::string& id = "job_1") {
  Job job;
  job.id = id;
  job.heartbeats = heartbeats;
  job.fence = fence;
  return job;
}

/// Observes once a second.
struct Watched {
  LeaseWatch watch{10s};
  LeaseWatch::Steady::time_point now;
  bool after(std::chrono::seconds pause, const Job& job) {
    bool lapsed = false;
    for (auto left = pause; left > 0s; left -= 1s) {
      now += 1s;
      watch.look(now);
      lapsed = watch.has_lapsed(job);
    }
    return lapsed;
  }
};

TEST(LeaseWatch, LapsesWithoutHeartbeats) {
  Watched watched;
  EXPECT_FALSE(watched.after(10s, job(7)));  // ten observations in nine seconds
  EXPECT_TRUE(watched.after(1s, job(7)));
}

TEST(LeaseWatch, StartsAgainWithEachHeartbeatAndEachClaim) {
  Watched watched;
  EXPECT_FALSE(watched.after(9s, job(7)));
  EXPECT_FALSE(watched.after(9s, job(8)));
  EXPECT_FALSE(watched.after(9s, job(8, 2)));
  EXPECT_TRUE(watched.after(2s, job(8, 2)));
}

TEST(LeaseWatch, DoesNotCountTimeWithoutObservation) {
  Watched watched;
  EXPECT_FALSE(watched.after(1s, job(7)));
  watched.now += std::chrono::hours(1);
  EXPECT_FALSE(watched.after(1s, job(7)));
  EXPECT_FALSE(watched.after(7s, job(7)));
  EXPECT_TRUE(watched.after(1s, job(7)));
}

TEST(LeaseWatch, ForgetsJobsThatRunNoMore) {
  Watched watched;
  EXPECT_FALSE(watched.after(9s, job(7)));
  EXPECT_FALSE(watched.after(2s, job(1, 1, "job_2")));
  EXPECT_FALSE(watched.after(9s, job(7)));
}

}  // namespace
}  // namespace steno
