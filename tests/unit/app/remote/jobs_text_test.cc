#include "app/remote/jobs_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steno::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

client::JobInfo job() {
  client::JobInfo job;
  job.id = "job_1";
  job.status = "processing";
  job.stage = "transcribing";
  job.progress = 42.4;
  job.created_at = "2026-11-25T18:03:07.123Z";
  job.attempt = 1;
  job.max_attempts = 3;
  job.model = "base";
  job.audio_name = "call.wav";
  job.json = R"({"job_id":"job_1"})";
  return job;
}

TEST(JobsText, ListsALineForEachJob) {
  client::JobInfo failed = job();
  failed.id = "job_22";
  failed.status = "failed";
  failed.error = "not audio\n\033[2J";
  EXPECT_EQ(jobs_as_text({job(), failed}),
            "  ID      STATUS      DONE  SUBMITTED                RECORDING\n"
            "  job_1   processing  42 %  2026-11-25 18:03:07 UTC  call.wav\n"
            "  job_22  failed      42 %  2026-11-25 18:03:07 UTC  call.wav: not audio??[2J\n");
  EXPECT_EQ(jobs_as_text({}), "");
}

TEST(JobsText, ListsTheServicesObjects) {
  EXPECT_EQ(jobs_as_json({job(), job()}),
            "[\n {\"job_id\":\"job_1\"},\n {\"job_id\":\"job_1\"}\n]\n");
  EXPECT_EQ(jobs_as_json({}), "[]\n");
}

TEST(JobsText, ShowsWhatIsKnownOfAJob) {
  client::JobInfo waiting = job();
  EXPECT_THAT(job_as_text(waiting), AllOf(HasSubstr("status     processing (transcribing), 42 %\n"),
                                          HasSubstr("attempt    1 of 3\n"), Not(HasSubstr("error")),
                                          Not(HasSubstr("ended"))));
  waiting.status = "pending";
  waiting.queue_position = 3;
  waiting.seconds_left = 7.4;
  waiting.warnings = {"noisy"};
  EXPECT_THAT(job_as_text(waiting),
              AllOf(HasSubstr("status          pending\n"), HasSubstr("place in queue  3\n"),
                    HasSubstr("about 7 s\n"), HasSubstr("warning         noisy\n")));
}

}  // namespace
}  // namespace steno::app
