#include "jobs/orphans.h"

#include <gtest/gtest.h>

#include "jobs/checkpoint_keys.h"
#include "unit/jobs/job_world.h"

namespace steno {
namespace {

std::chrono::time_point<std::chrono::system_clock, Milliseconds> soon() {
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now() +
                                                    std::chrono::hours(1));
}

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
  world.put(stage_key(done, "words"));
  world.put(stage_key("job_that_is_gone", "words"));
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

  EXPECT_EQ(remove_orphans(*world.store, *world.blobs, soon()).value(), 5);
  for (const std::string& key :
       {std::string("audio/named"), std::string("audio/uploaded"), std::string("other/lost"),
        result, result_key(running, 1), fetched_audio_key(running, 1), stage_key(done, "words")}) {
    EXPECT_TRUE(world.has_blob(key)) << key;
  }
  EXPECT_FALSE(world.has_blob("audio/lost"));
  EXPECT_FALSE(world.has_blob(fetched_audio_key(done, 1)));
  EXPECT_FALSE(world.has_blob(stage_key("job_that_is_gone", "words")));
  EXPECT_FALSE(world.has_blob(checkpoint_prefix(done) + "words.1.0"));
  EXPECT_TRUE(world.has_blob(checkpoint_prefix(running) + "words.1.0"));
}

TEST(Orphans, AreNotWhatHasJustBeenWritten) {
  JobWorld world;
  world.put("audio/lost");
  EXPECT_EQ(remove_orphans(*world.store, *world.blobs, Time()).value(), 0);
  EXPECT_TRUE(world.has_blob("audio/lost"));
}

}  // namespace
}  // namespace steno
