#include <algorithm>
#include <atomic>
#include <thread>

#include "unit/store/store_contract.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Status = Creation::Status;

std::vector<Job> batch_of(int size, const std::string& name = "job", double seconds = 1) {
  std::vector<Job> jobs;
  for (int i = 0; i < size; ++i) {
    jobs.push_back(waiting_job(name + "_" + std::to_string(i), seconds));
    jobs.back().batch_id = name;
  }
  return jobs;
}

AuditEntry entry_of(const Job& job) {
  return {.at = job.created_at,
          .actor = job.key_id,
          .action = "job.submit",
          .subject = job.id,
          .address = "127.0.0.1",
          .result = "ok",
          .request_id = "request_1"};
}

/// A submission of `size` jobs with everything that one can have.
JobSubmission full_submission(int size, const std::string& name = "job") {
  JobSubmission submission;
  submission.jobs = batch_of(size, name);
  submission.jobs.front().source.blob = "audio/upload";
  submission.key = IdempotencyKey{"k", "f"};
  submission.upload = UploadUse{.upload_id = "up_1", .note = "by a job", .keep_until = at(500)};
  for (const Job& job : submission.jobs) submission.audit.push_back(entry_of(job));
  return submission;
}

Upload finished_upload() {
  return {.id = "up_1",
          .owner = "ann",
          .blob = "audio/upload",
          .metadata = "filename YQ==",
          .length = 4,
          .complete = true,
          .created_at = at(0),
          .expires_at = at(100)};
}

/// Whether the store has nothing of any submission.
testing::AssertionResult is_untouched(Store& store) {
  if (!store.jobs().list({}).empty()) return testing::AssertionFailure() << "a job is there";
  if (!store.events().events_since({}, 1).empty()) {
    return testing::AssertionFailure() << "an event is there";
  }
  if (!store.audit().list(0, 1).empty()) return testing::AssertionFailure() << "an audit entry";
  const auto upload = store.uploads().find("up_1");
  if (upload && *upload != finished_upload()) return testing::AssertionFailure() << "the upload";
  return testing::AssertionSuccess();
}

TEST_P(SubmissionContract, FindsASubmissionByItsKey) {
  store_->uploads().add(finished_upload());
  const JobSubmission submission = full_submission(2);
  submit(jobs(), submission);
  const auto known = jobs().find_submission("ann", "k", at(1));
  ASSERT_TRUE(known);
  EXPECT_EQ(known->fingerprint, "f");
  EXPECT_EQ(known->jobs, submission.jobs);
  EXPECT_FALSE(jobs().find_submission("bob", "k", at(1)));
  EXPECT_FALSE(jobs().find_submission("ann", "other", at(1)));
  EXPECT_FALSE(jobs().find_submission("ann", "k", Time::max()));  // forgotten
  EXPECT_TRUE(end_and_erase(jobs(), submission.jobs.front().id));
  ASSERT_EQ(jobs().find_submission("ann", "k", at(1))->jobs.size(), 1u);
  EXPECT_TRUE(end_and_erase(jobs(), submission.jobs.back().id));
  EXPECT_FALSE(jobs().find_submission("ann", "k", at(1)));
}

TEST_P(SubmissionContract, AddsAllOfASubmission) {
  store_->uploads().add(finished_upload());
  const JobSubmission submission = full_submission(3);
  const Creation creation = submit(jobs(), submission);
  EXPECT_EQ(creation.status, Status::created);
  EXPECT_EQ(creation.jobs, submission.jobs);
  for (const Job& job : submission.jobs) {
    EXPECT_EQ(stored(job.id), job);
    const auto events = store_->events().events_of(job.id, 0, 10);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].number, 1);
  }
  const Upload used{.id = "up_1",
                    .owner = "ann",
                    .blob = "",
                    .metadata = "by a job",
                    .length = 4,
                    .complete = true,
                    .created_at = at(0),
                    .expires_at = at(500)};
  EXPECT_EQ(store_->uploads().find("up_1"), used);
  EXPECT_EQ(store_->audit().list(0, 10).size(), 3u);
  EXPECT_EQ(jobs().depths().at(0).waiting, 3);
}

TEST_P(SubmissionContract, AddsNothingWhenOneOfItsJobsExists) {
  store_->uploads().add(finished_upload());
  JobSubmission submission = full_submission(3);
  submission.jobs.back().id = submission.jobs.front().id;
  EXPECT_THROW(submit(jobs(), submission), StoreError);
  EXPECT_TRUE(is_untouched(*store_));
  EXPECT_EQ(submit(jobs(), full_submission(3)).status, Status::created);  // nor its key
}

TEST_P(SubmissionContract, AddsNothingWhenItDoesNotFitIntoTheQueue) {
  store_->uploads().add(finished_upload());
  EXPECT_EQ(submit(jobs(), full_submission(3), {.in_all = 2, .per_owner = 0}).status,
            Status::queue_full);
  EXPECT_EQ(submit(jobs(), full_submission(3), {.in_all = 0, .per_owner = 2}).status,
            Status::owner_queue_full);
  EXPECT_TRUE(is_untouched(*store_));
  EXPECT_EQ(submit(jobs(), full_submission(3), {.in_all = 3, .per_owner = 3}).status,
            Status::created);
}

TEST_P(SubmissionContract, AddsNothingWithoutItsUpload) {
  EXPECT_EQ(submit(jobs(), full_submission(2)).status, Status::upload_gone);
  Upload other = finished_upload();
  other.blob = "audio/other";
  store_->uploads().add(other);
  EXPECT_EQ(submit(jobs(), full_submission(2)).status, Status::upload_gone);
  store_->uploads().erase("up_1");
  Upload incomplete = finished_upload();
  incomplete.complete = false;
  store_->uploads().add(incomplete);
  EXPECT_EQ(submit(jobs(), full_submission(2)).status, Status::upload_gone);
  store_->uploads().erase("up_1");
  EXPECT_TRUE(is_untouched(*store_));
}

TEST_P(SubmissionContract, AnUploadServesOneSubmissionOfManyAtOnce) {
  constexpr int kThreads = 8;
  store_->uploads().add(finished_upload());
  const auto stores = handles(kThreads);
  std::atomic<int> created = 0;
  std::atomic<int> gone = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        JobSubmission submission = full_submission(1, "job" + std::to_string(i));
        submission.key.reset();
        const auto status = submit(stores[static_cast<size_t>(i)]->jobs(), submission).status;
        if (status == Status::created) ++created;
        if (status == Status::upload_gone) ++gone;
      });
    }
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(gone, kThreads - 1);
  EXPECT_EQ(jobs().list({}).size(), 1u);
  EXPECT_EQ(store_->audit().list(0, 10).size(), 1u);
}

TEST_P(SubmissionContract, AnUploadThatExpiresMeanwhileIsEitherTakenOrGone) {
  for (int round = 0; round < 20; ++round) {
    store_->uploads().add(finished_upload());
    const auto stores = handles(1);
    JobSubmission submission = full_submission(1, "job" + std::to_string(round));
    submission.key.reset();
    UploadStore::Expiry expiry = UploadStore::Expiry::kept;
    std::jthread housekeeping([&] { expiry = stores[0]->uploads().expire("up_1", at(100)); });
    const auto status = submit(jobs(), submission).status;
    housekeeping.join();
    if (status == Status::created) {
      EXPECT_EQ(expiry, UploadStore::Expiry::kept);
    } else {
      EXPECT_EQ(status, Status::upload_gone);
      EXPECT_EQ(expiry, UploadStore::Expiry::unused);
    }
    store_->uploads().expire("up_1", Time::max());
  }
}

TEST_P(SubmissionContract, ARepeatedBatchIsFoundAsAWhole) {
  store_->uploads().add(finished_upload());
  const JobSubmission first = full_submission(3);
  ASSERT_EQ(submit(jobs(), first).status, Status::created);
  JobSubmission second = full_submission(3, "again");
  Creation again = submit(jobs(), second);
  EXPECT_EQ(again.status, Status::repeated);
  EXPECT_EQ(again.jobs, first.jobs);
  EXPECT_EQ(store_->audit().list(0, 10).size(), 3u);
  second.key->fingerprint = "other";
  again = submit(jobs(), second);
  EXPECT_EQ(again.status, Status::other_content);
  EXPECT_THAT(again.jobs, IsEmpty());
  // The key is known as long as one of its jobs is.
  end_and_erase(jobs(), "job_0");
  again = submit(jobs(), full_submission(3, "again"));
  EXPECT_EQ(again.status, Status::repeated);
  EXPECT_THAT(ids(again.jobs), ElementsAre("job_1", "job_2"));
  end_and_erase(jobs(), "job_1");
  end_and_erase(jobs(), "job_2");
  JobSubmission anew = full_submission(2, "anew");
  anew.upload.reset();
  EXPECT_EQ(submit(jobs(), anew).status, Status::created);
  EXPECT_THAT(ids(submit(jobs(), anew).jobs), ElementsAre("anew_0", "anew_1"));
}

TEST_P(SubmissionContract, AnExpiredKeyForgetsAllJobsOfItsSubmission) {
  JobSubmission first;
  first.jobs = batch_of(3, "job", 0);
  first.key = IdempotencyKey{"k", "f"};
  submit(jobs(), first);
  JobSubmission second;
  second.jobs = batch_of(1, "late", 86'400);
  second.key = IdempotencyKey{"k", "g"};
  EXPECT_EQ(submit(jobs(), second).status, Status::created);
  const Creation again = submit(jobs(), second);
  EXPECT_EQ(again.status, Status::repeated);
  EXPECT_THAT(ids(again.jobs), ElementsAre("late_0"));
}

TEST_P(SubmissionContract, OneOfManyEqualSubmissionsAtOnceIsCreated) {
  constexpr int kThreads = 8;
  const auto stores = handles(kThreads);
  std::atomic<int> created = 0;
  std::vector<std::vector<std::string>> found(kThreads);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        JobSubmission submission;
        submission.jobs = batch_of(2, "job" + std::to_string(i));
        submission.key = IdempotencyKey{"k", "f"};
        const Creation creation = submit(stores[i]->jobs(), submission);
        if (creation.status == Status::created) ++created;
        found[i] = ids(creation.jobs);
      });
    }
  }
  EXPECT_EQ(created, 1);
  for (const auto& jobs : found) EXPECT_EQ(jobs, found[0]);
  EXPECT_EQ(jobs().list({}).size(), 2u);
}

TEST_P(SubmissionContract, TheSameSubmissionTwiceIsOneJob) {
  EXPECT_EQ(create(waiting_job("job_1", 1), IdempotencyKey{"k", "f"}).jobs.at(0).id, "job_1");
  const auto again = create(waiting_job("job_2", 2), IdempotencyKey{"k", "f"});
  EXPECT_EQ(again.status, Status::repeated);
  EXPECT_EQ(again.jobs.at(0).id, "job_1");
  EXPECT_EQ(create(waiting_job("job_3", 3), IdempotencyKey{"k", "other"}).status,
            Status::other_content);
  EXPECT_FALSE(jobs().find("job_2"));
  EXPECT_FALSE(jobs().find("job_3"));
  // Another owner's keys are others.
  EXPECT_EQ(create(waiting_job("job_4", 4, "bob"), IdempotencyKey{"k", "f"}).jobs.at(0).id,
            "job_4");
}

TEST_P(SubmissionContract, AnIdempotencyKeyIsForgottenAfterItsTime) {
  create(waiting_job("job_1", 0), IdempotencyKey{"k", "f"});
  EXPECT_EQ(create(waiting_job("job_2", 86'399), IdempotencyKey{"k", "f"}).jobs.at(0).id, "job_1");
  EXPECT_EQ(create(waiting_job("job_3", 86'400), IdempotencyKey{"k", "other"}).jobs.at(0).id,
            "job_3");
  EXPECT_EQ(create(waiting_job("job_4", 86'401), IdempotencyKey{"k", "other"}).jobs.at(0).id,
            "job_3");
}

TEST_P(SubmissionContract, AFullQueueTakesNoMore) {
  const QueueLimits limits{.in_all = 3, .per_owner = 2};
  EXPECT_EQ(create(waiting_job("job_1", 1, "ann", 1), {}, limits).status, Status::created);
  EXPECT_EQ(create(waiting_job("job_2", 1, "ann", 2), {}, limits).status, Status::created);
  EXPECT_EQ(create(waiting_job("job_3", 1, "ann"), {}, limits).status, Status::owner_queue_full);
  EXPECT_EQ(create(waiting_job("job_4", 1, "bob"), {}, limits).status, Status::created);
  EXPECT_EQ(create(waiting_job("job_5", 1, "cem"), {}, limits).status, Status::queue_full);
  claim("job_1");
  EXPECT_EQ(create(waiting_job("job_6", 1, "cem"), {}, limits).status, Status::created);
  // Given back, it counts again.
  change("job_1", [](Job& job) { job.state = State::pending; });
  EXPECT_EQ(create(waiting_job("job_7", 1, "dan"), {}, limits).status, Status::queue_full);
  EXPECT_FALSE(jobs().find("job_7"));
}

TEST_P(SubmissionContract, SaysBeforehandThatTheQueueIsFull) {
  const QueueLimits limits{.in_all = 2, .per_owner = 1};
  const auto refusal = [&](const char* owner, std::optional<std::string> key = {}, int second = 2) {
    return jobs().refusal(owner, key, at(second), limits);
  };
  EXPECT_EQ(refusal("ann"), std::nullopt);
  create(waiting_job("job_1", 1, "ann"), IdempotencyKey{"k", "f"}, limits);
  EXPECT_EQ(refusal("ann"), Status::owner_queue_full);
  EXPECT_EQ(refusal("ann", "other"), Status::owner_queue_full);
  EXPECT_EQ(refusal("ann", "k"), std::nullopt);
  EXPECT_EQ(refusal("ann", "k", 86'401), Status::owner_queue_full);
  EXPECT_EQ(refusal("bob"), std::nullopt);
  create(waiting_job("job_2", 1, "bob"), {}, limits);
  EXPECT_EQ(refusal("cem", "k"), Status::queue_full);
}

TEST_P(SubmissionContract, ARepeatedSubmissionIsFoundInAFullQueue) {
  create(waiting_job("job_1", 1), IdempotencyKey{"k", "f"});
  const auto again =
      create(waiting_job("job_2", 1), IdempotencyKey{"k", "f"}, {.in_all = 1, .per_owner = 1});
  EXPECT_EQ(again.status, Status::repeated);
}

TEST_P(SubmissionContract, ANewJobNeedsANewId) {
  create(waiting_job("job_1", 1));
  EXPECT_THROW(create(waiting_job("job_1", 1)), StoreError);
  EXPECT_EQ(store_->events().events_since({}, 10).size(), 1u);
}

}  // namespace
}  // namespace steno
