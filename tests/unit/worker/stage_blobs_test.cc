#include "worker/stage_blobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "blob/blob.h"
#include "blob/memory/memory_store.h"
#include "domain/job.h"
#include "jobs/lifecycle.h"
#include "telemetry/log.h"

namespace steno {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

struct StageBlobsTest : testing::Test {
  Job attempt(int64_t fence) {
    Job job;
    job.id = "job_1";
    job.fence = fence;
    return job;
  }
  std::vector<std::string> contents(StageBlobs& stages, const char* stage) {
    std::vector<std::string> all;
    for (const auto& part : stages.parts(stage)) all.push_back(part.content);
    std::ranges::sort(all);
    return all;
  }

  std::unique_ptr<blob::BlobStore> blobs = blob::make_memory_store();
  Log log{LogLevel::error};
};

TEST_F(StageBlobsTest, ShowTheNextAttemptThePartsOfAllBeforeIt) {
  StageBlobs first(attempt(1), *blobs, log);
  StageBlobs second(attempt(2), *blobs, log);
  EXPECT_TRUE(first.add("words", "a"));
  EXPECT_TRUE(second.add("words", "b"));
  EXPECT_TRUE(first.add("words", "c"));  // its lease is lost, but it does not know
  EXPECT_TRUE(first.add("voices", "d"));
  StageBlobs third(attempt(3), *blobs, log);
  EXPECT_EQ(contents(third, "words"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(contents(third, "voices"), (std::vector<std::string>{"d"}));
}

TEST_F(StageBlobsTest, RemoveOnlyWhatTheyAreAskedTo) {
  StageBlobs stages(attempt(1), *blobs, log);
  EXPECT_TRUE(stages.add("words", "a"));
  EXPECT_TRUE(stages.add("words", "b"));
  EXPECT_TRUE(stages.add("voices", "c"));
  stages.keep("words", "whole");
  stages.remove("words", {stages.parts("words").front().id, "stages/job_1/checkpoints/gone"});
  EXPECT_THAT(stages.parts("words"), SizeIs(1));
  stages.remove_all("words");
  EXPECT_THAT(stages.parts("words"), IsEmpty());
  EXPECT_THAT(stages.parts("voices"), SizeIs(1));
  EXPECT_EQ(stages.find("words"), "whole");
}

TEST_F(StageBlobsTest, FindNoOutputOfWhichAByteHasChanged) {
  StageBlobs stages(attempt(1), *blobs, log);
  const std::string whole = R"({"text":"seven"})";
  stages.keep("words", whole);
  ASSERT_EQ(stages.find("words"), whole);
  const std::string key = stage_output_key("job_1", "words");
  const std::string kept = blob::get_blob(*blobs, key, 1000).value();
  for (size_t i = 0; i < kept.size(); ++i) {
    std::string changed = kept;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    ASSERT_TRUE(blob::put_blob(*blobs, key, changed));
    // Without the mark, the content is passed on as it is, which is no transcript.
    const bool has_mark = i >= std::string_view("steno stage 1\n").size();
    EXPECT_EQ(stages.find("words"), has_mark ? std::nullopt : std::optional(changed)) << i;
    ASSERT_TRUE(blob::put_blob(*blobs, key, kept.substr(0, i)));
    EXPECT_EQ(stages.find("words"), has_mark ? std::nullopt : std::optional(kept.substr(0, i)));
  }
}

TEST_F(StageBlobsTest, FindWhatAnEarlierProgramHasKept) {
  ASSERT_TRUE(blob::put_blob(*blobs, stage_output_key("job_1", "words"), "{}"));
  EXPECT_EQ(StageBlobs(attempt(1), *blobs, log).find("words"), "{}");
}

}  // namespace
}  // namespace steno
