#include "jobs/orphans.h"

#include <gtest/gtest.h>

#include "blob/memory/memory_staging.h"
#include "jobs/checkpoint_keys.h"
#include "jobs/expired_uploads.h"
#include "unit/jobs/job_world.h"

namespace steno {
namespace {

/// Later than what a test writes.
Time soon() { return SystemClock().now() + std::chrono::hours(1); }

bool go_on() { return true; }

TEST(Orphans, AreTheBlobsThatNothingNames) {
  JobWorld world;
  Job given;
  given.source.blob = "audio/named";
  const std::string done = world.submit(given);
  Lease lease = world.claim(done);
  const std::string result = result_key(done, lease.fence);
  world.put(result);
  world.lifecycle.complete(lease, {result, 1, {}}, 1);
  world.put("results/" + done + "/99.json");
  const std::string running = world.submit(given);
  world.claim(running);
  world.put(result_key(running, 1));
  world.put(fetched_audio_key(running, 1));
  world.put(fetched_audio_key(done, 1));
  world.put(stage_output_key(done, "words"));
  world.put(stage_output_key("job_that_is_gone", "words"));
  world.put(checkpoint_prefix(done) + "words.1.0");
  world.put(checkpoint_prefix(running) + "words.1.0");
  Upload upload;
  upload.id = "upload_1";
  upload.blob = "audio/uploaded";
  upload.complete = true;
  world.store->uploads().add(upload);
  for (const char* key : {"audio/named", "audio/uploaded", "audio/lost", "other/lost"}) {
    world.put(key);
  }

  EXPECT_EQ(sweep_orphans(*world.store, *world.blobs, soon(), go_on).value(), 5);
  for (const std::string& key : {std::string("audio/named"), std::string("audio/uploaded"),
                                 std::string("other/lost"), result, result_key(running, 1),
                                 fetched_audio_key(running, 1), stage_output_key(done, "words")}) {
    EXPECT_TRUE(world.has_blob(key)) << key;
  }
  EXPECT_FALSE(world.has_blob("audio/lost"));
  EXPECT_FALSE(world.has_blob(fetched_audio_key(done, 1)));
  EXPECT_FALSE(world.has_blob(stage_output_key("job_that_is_gone", "words")));
  EXPECT_FALSE(world.has_blob(checkpoint_prefix(done) + "words.1.0"));
  EXPECT_TRUE(world.has_blob(checkpoint_prefix(running) + "words.1.0"));
}

TEST(Orphans, AreNotWhatMayBeOnItsWayIn) {
  JobWorld world;
  world.put("audio/lost");
  const Time a_day_ago = SystemClock().now() - kOrphanAge;
  EXPECT_EQ(sweep_orphans(*world.store, *world.blobs, a_day_ago, go_on).value(), 0);
  EXPECT_TRUE(world.has_blob("audio/lost"));
}

TEST(Orphans, StayWhenTheLeaderHasChanged) {
  JobWorld world;
  for (const char* key : {"audio/1", "audio/2", "audio/3"}) world.put(key);
  int asked = 0;
  const auto for_one = [&] { return asked++ == 0; };
  EXPECT_EQ(sweep_orphans(*world.store, *world.blobs, soon(), for_one).value(), 1);
  EXPECT_EQ(asked, 2);
}

TEST(Staging, LosesTheUploadsThatNothingNeeds) {
  JobWorld world;
  const auto staging = blob::make_memory_staging();
  const Time now = world.clock.now();
  const auto add = [&](const std::string& id, bool complete, Time expires_at) {
    Upload upload;
    upload.id = id;
    upload.owner = "ada";
    upload.blob = "audio/" + id;
    upload.complete = complete;
    upload.created_at = now;
    upload.expires_at = expires_at;
    world.store->uploads().add(upload);
  };
  add("open", false, now + Milliseconds(1));
  add("expired", false, now);
  add("complete", true, now + Milliseconds(1));
  for (const char* id : {"open", "expired", "complete", "unknown"}) {
    ASSERT_TRUE(staging->open(id, 0)) << id;
  }
  const auto writer = staging->open("unknown", 0).value();
  EXPECT_EQ(sweep_staging(*world.store, *staging, now).value(), 2u);
  EXPECT_TRUE(staging->size("open"));
  EXPECT_TRUE(staging->size("unknown")) << "a writer has it open";
  EXPECT_FALSE(staging->size("expired"));
  EXPECT_FALSE(staging->size("complete"));
}

}  // namespace
}  // namespace steno
