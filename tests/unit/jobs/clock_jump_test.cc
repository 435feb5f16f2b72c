// The clock is wrong by weeks: no data expires by it, and jobs go on.

#include <gtest/gtest.h>

#include "blob/memory/memory_store.h"
#include "domain/upload.h"
#include "jobs/lifecycle.h"
#include "notify/memory/memory_notifier.h"
#include "store/guarded_clock.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/base/manual_clock.h"

namespace steno {
namespace {

using std::chrono::hours;

constexpr hours kFortyDays{40 * 24};

JobPolicy usual_retention() {
  JobPolicy policy;
  policy.keep_audio = hours(7 * 24);
  policy.keep_results = hours(30 * 24);
  return policy;
}

/// A service that is started on the same store again, with a completed job and a waiting one.
struct JumpWorld {
  ManualClock wall;
  MemoryNotifier notifier;
  std::unique_ptr<Store> store = open_sqlite("").value();
  std::unique_ptr<blob::BlobStore> blobs = blob::make_memory_store();
  std::unique_ptr<GuardedClock> clock;
  std::unique_ptr<Queue> queue;
  std::unique_ptr<Lifecycle> lifecycle;
  std::string done;
  std::string waiting;

  JumpWorld() {
    start();
    done = submit();
    auto lease = lifecycle->claim_next("w1").value();
    EXPECT_TRUE(blob::put_blob(*blobs, "results/1", "content"));
    lifecycle->complete(lease, {"results/1", 1, {}}, 1);
    waiting = submit();
    Upload upload;
    upload.id = "upl_1";
    upload.blob = "audio/upl_1";
    upload.expires_at = clock->now() + hours(24);
    store->uploads().add(upload);
    clock->remember();
  }
  void start() {
    lifecycle.reset();
    queue.reset();
    clock = std::make_unique<GuardedClock>(wall, store->state(), std::nullopt);
    queue = make_database_queue(store->jobs(), notifier, *clock);
    lifecycle =
        std::make_unique<Lifecycle>(*store, *queue, *blobs, notifier, *clock, usual_retention());
  }
  std::string submit() {
    Job job;
    job.owner = "ann";
    job.key_id = "key_1";
    job.source.blob = "audio/1";
    job.queue_until = clock->now() + hours(24);
    return lifecycle->submit({.jobs = {job}}).jobs.at(0).id;
  }
  bool is_stored(const std::string& id) { return store->jobs().find(id).has_value(); }
};

TEST(ClockJump, AStartFortyDaysAheadLosesNothing) {
  JumpWorld world;
  world.wall.advance(kFortyDays);
  world.start();
  EXPECT_EQ(world.lifecycle->clean(), 0);
  EXPECT_EQ(world.lifecycle->expire(), 0);
  EXPECT_TRUE(world.is_stored(world.done));
  EXPECT_TRUE(world.store->uploads().find("upl_1"));
  EXPECT_EQ(world.lifecycle->claim_next("w1")->job.id, world.waiting) << "it has not failed";
}

TEST(ClockJump, WhatExpiresWhileTheClockIsWrongStillExpires) {
  JumpWorld world;
  world.wall.advance(kFortyDays);
  EXPECT_EQ(world.lifecycle->clean(), 0) << "without a restart too";
  world.clock->accept();
  EXPECT_GT(world.lifecycle->clean(), 0);
  EXPECT_FALSE(world.is_stored(world.done));
  EXPECT_EQ(world.lifecycle->expire(), 1);
}

TEST(ClockJump, NothingThatEndedWhileTheClockWasBehindLooksOldLater) {
  JumpWorld world;
  world.wall.advance(-kFortyDays);
  world.start();
  auto lease = world.lifecycle->claim_next("w1");
  ASSERT_TRUE(lease);
  world.lifecycle->complete(*lease, {"results/2", 1, {}}, 1);
  EXPECT_EQ(world.lifecycle->clean(), 0);
  world.wall.advance(kFortyDays);
  EXPECT_FALSE(world.clock->jump()) << "it is set right";
  EXPECT_EQ(world.lifecycle->clean(), 0);
  EXPECT_TRUE(world.is_stored(world.waiting));
}

}  // namespace
}  // namespace steno
