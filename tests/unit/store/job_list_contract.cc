#include <algorithm>

#include "unit/store/store_contract.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(JobListContract, ListsNewestFirst) {
  create(waiting_job("job_a", 2));
  create(waiting_job("job_b", 1));
  create(waiting_job("job_c", 2));
  EXPECT_THAT(ids(jobs().list({})), ElementsAre("job_c", "job_a", "job_b"));
  EXPECT_THAT(ids(jobs().list(newest(2))), ElementsAre("job_c", "job_a"));
  EXPECT_EQ(jobs().list({}).at(0), stored("job_c"));
}

TEST_P(JobListContract, ListsByEachFilter) {
  Job job = waiting_job("job_1", 1);
  job.recording_id = "recording_1";
  create(job);
  job = waiting_job("job_2", 2);
  job.batch_id = "batch_1";
  create(job);
  job = waiting_job("job_3", 3, "bob");
  job.type = "other";
  create(job);
  job = waiting_job("job_4", 4);
  job.dead_letter = true;
  job.state = State::failed;
  create(job);

  JobQuery query;
  const auto listed = [&] { return ids(jobs().list(query)); };
  query.owner = "bob";
  EXPECT_THAT(listed(), ElementsAre("job_3"));
  query = {};
  query.state = State::failed;
  EXPECT_THAT(listed(), ElementsAre("job_4"));
  query.owner = "bob";
  EXPECT_THAT(listed(), IsEmpty());
  query = {};
  query.type = "other";
  EXPECT_THAT(listed(), ElementsAre("job_3"));
  query = {};
  query.recording_id = "recording_1";
  EXPECT_THAT(listed(), ElementsAre("job_1"));
  query.recording_id = "";
  EXPECT_THAT(listed(), IsEmpty());
  query = {};
  query.batch_id = "batch_1";
  EXPECT_THAT(listed(), ElementsAre("job_2"));
  query.owner = "bob";
  EXPECT_THAT(listed(), IsEmpty());
  query = {};
  query.dead_letter = true;
  EXPECT_THAT(listed(), ElementsAre("job_4"));
  query.dead_letter = false;
  EXPECT_THAT(listed(), ElementsAre("job_3", "job_2", "job_1"));
  query = {};
  query.created_after = at(1);
  query.created_before = at(4);
  EXPECT_THAT(listed(), ElementsAre("job_3", "job_2"));
}

/// All pages of `limit` jobs; `between` runs after each.
std::vector<std::string> all_pages(JobStore& jobs, JobQuery query,
                                   const std::function<void(const std::string& last)>& between) {
  std::vector<std::string> all;
  for (auto page = jobs.list(query); !page.empty(); page = jobs.list(query)) {
    for (const auto& job : page) all.push_back(job.id);
    between(all.back());
    query.after_id = all.back();
  }
  return all;
}

TEST_P(JobListContract, PagesMissNothingAndRepeatNothing) {
  // Three of each moment; identifiers sort by time.
  for (int i = 0; i < 21; ++i) {
    create(waiting_job("job_" + std::to_string(100 + i), static_cast<int>(i / 3)));
  }
  std::vector<std::string> expected = ids(jobs().list({}));
  int fresh = 0;
  const auto paged = all_pages(jobs(), newest(4), [&](const std::string&) {
    create(waiting_job("job_" + std::to_string(200 + fresh++), 50));
  });
  EXPECT_EQ(paged, expected);
}

TEST_P(JobListContract, APageGoesOnBehindAJobThatIsGone) {
  for (int i = 0; i < 20; ++i) create(waiting_job("job_" + std::to_string(100 + i), i));
  const std::vector<std::string> expected = ids(jobs().list({}));
  const auto paged =
      all_pages(jobs(), newest(3), [&](const auto& id) { end_and_erase(jobs(), id); });
  EXPECT_EQ(paged, expected);
}

TEST_P(JobListContract, APageStaysWithinTheFilters) {
  for (int i = 0; i < 10; ++i) {
    create(waiting_job("job_" + std::to_string(100 + i), i, i % 2 == 0 ? "ann" : "bob"));
  }
  JobQuery query;
  query.owner = "ann";
  query.created_before = at(7);
  query.limit = 1;
  EXPECT_THAT(all_pages(jobs(), query, [](const auto&) {}),
              ElementsAre("job_106", "job_104", "job_102", "job_100"));
  query.after_id = "job_109";  // newer than what is asked for
  EXPECT_THAT(ids(jobs().list(query)), ElementsAre("job_106"));
  query.after_id = "";
  EXPECT_THAT(jobs().list(query), IsEmpty());
}

}  // namespace
}  // namespace steno
