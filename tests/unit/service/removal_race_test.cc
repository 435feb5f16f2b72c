// Retries and reruns at the same moment as purges and retention: nothing that was accepted is lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <thread>

#include "blob/file/file_store.h"
#include "blob/memory/memory_staging.h"
#include "blob/memory/memory_store.h"
#include "jobs/lifecycle.h"
#include "models/models.h"
#include "notify/memory/memory_notifier.h"
#include "queue/queue.h"
#include "service/services.h"
#include "store/sqlite/sqlite_store.h"
#include "telemetry/log.h"
#include "unit/base/manual_clock.h"
#include "unit/base/temporary_folder.h"

namespace steno::service {
namespace {

constexpr int kJobs = 150;
constexpr Milliseconds kKept{60'000};
constexpr Milliseconds kStep{10};

JobPolicy keep_for_a_minute() {
  JobPolicy policy;
  policy.keep_audio = kKept;
  policy.keep_results = kKept;
  return policy;
}

enum class Place { disk, memory };

class RemovalRace : public testing::TestWithParam<Place> {
 protected:
  RemovalRace() {
    for (int i = 0; i < kJobs; ++i) {
      Job job;
      job.owner = "ann";
      job.key_id = "key_1";
      job.options = "{}";
      job.source.blob = "audio/" + std::to_string(i);
      put(job.source.blob);
      jobs_.push_back(lifecycle_.submit({.jobs = {job}}).jobs.at(0).id);
    }
  }

  void put(const std::string& key) { ASSERT_TRUE(blob::put_blob(*blobs_, key, "content")); }
  bool has(const std::string& key) { return blob::blob_size(*blobs_, key).has_value(); }

  /// Claims every waiting job and ends it, one kStep after the other.
  void work(const std::function<void(Lease& lease)>& end) {
    do {
      clock_.advance(kStep);
      auto lease = lifecycle_.claim_next("w1");
      if (!lease) return;
      end(*lease);
    } while (true);
  }
  /// Lets time pass until the next clean_next() removes the first job.
  void wait_for_retention() { clock_.advance(kKept - kJobs * kStep - kStep); }
  /// Retention takes one more of the ended jobs.
  void clean_next() {
    clock_.advance(kStep);
    lifecycle_.clean();
  }
  void fail(Lease& lease) {
    EXPECT_EQ(lifecycle_.fail(lease, {"io", "no"}, Retry::no, 1), LeaseStatus::kept);
  }
  void complete(Lease& lease) {
    const Job& job = lease.job;
    put(stage_output_key(job.id, "words"));
    put(result_key(job.id, lease.fence));
    EXPECT_EQ(lifecycle_.complete(lease, {result_key(job.id, lease.fence), 1, {}}, 1),
              LeaseStatus::kept);
  }
  bool retry(const std::string& id) {
    return services_.job_changes.retry("ann", id, actor_).has_value();
  }
  bool rerun(const std::string& id) {
    NewRerun wanted;
    wanted.job_id = id;
    wanted.plan = [](const std::string& options) -> Outcome<RerunPlan> {
      return RerunPlan{options, ""};
    };
    const auto accepted = services_.reruns.submit(wanted, ann_, actor_);
    if (!accepted) return false;
    accepted_.push_back(accepted->job.id);
    return true;
  }
  /// Calls `change` for each job, at the same moment as `remove` for the same job on another
  /// thread. The jobs for which `change` was accepted.
  std::vector<std::string> race(const std::function<bool(const std::string&)>& change,
                                const std::function<void(const std::string&)>& remove) {
    std::vector<std::string> accepted;
    std::barrier both(2);
    std::jthread remover([&] {
      for (const std::string& id : jobs_) {
        both.arrive_and_wait();
        remove(id);
      }
    });
    for (const std::string& id : jobs_) {
      both.arrive_and_wait();
      if (change(id)) accepted.push_back(id);
    }
    return accepted;
  }
  /// Every one of the jobs is stored and has its recording, runs, and keeps its result.
  void expect_done(const std::vector<std::string>& accepted) {
    std::vector<std::string> lost;
    for (const std::string& id : accepted) {
      const auto job = store_->jobs().find(id);
      // A rerun that came after the recording was removed continues from the words.
      const bool has_input = job && has(job->source.blob.empty() && !job->rerun_of.empty()
                                            ? stage_output_key(id, "words")
                                            : job->source.blob);
      if (!has_input || job->state != State::pending) lost.push_back(id);
    }
    EXPECT_THAT(lost, testing::IsEmpty()) << "of " << accepted.size();
    work([this](Lease& lease) { complete(lease); });
    for (const std::string& id : accepted) {
      const auto job = store_->jobs().find(id);
      ASSERT_TRUE(job) << id;
      EXPECT_EQ(job->state, State::completed);
      EXPECT_TRUE(has(job->result)) << id;
    }
  }
  void purge(const std::string& id) { (void)services_.job_changes.purge("ann", id, actor_); }

  TemporaryFolder folder_;
  ManualClock clock_;
  Log log_{LogLevel::error};
  MemoryNotifier notifier_;
  std::unique_ptr<Store> store_ =
      open_sqlite(GetParam() == Place::disk ? folder_.path() / "steno.db" : "").value();
  std::unique_ptr<blob::BlobStore> blobs_ = GetParam() == Place::disk
                                                ? blob::open_file_store(folder_.path()).value()
                                                : blob::make_memory_store();
  std::unique_ptr<blob::UploadStaging> staging_ = blob::make_memory_staging();
  std::unique_ptr<Queue> queue_ = make_database_queue(store_->jobs(), notifier_, clock_);
  Lifecycle lifecycle_{*store_, *queue_, *blobs_, notifier_, clock_, keep_for_a_minute()};
  models::Library library_{{folder_.path().string()}};
  Services services_{{*store_, lifecycle_, *blobs_, *staging_, library_, clock_, log_}, {}};
  const Caller ann_{"key_1", "ann", kDefaultScopes};
  const Actor actor_{.id = "key_1"};
  std::vector<std::string> jobs_;
  std::vector<std::string> accepted_;
};

TEST_P(RemovalRace, APurgeTakesNoJobThatIsSentAgain) {
  work([this](Lease& lease) { fail(lease); });
  const auto accepted = race([this](const std::string& id) { return retry(id); },
                             [this](const std::string& id) { purge(id); });
  expect_done(accepted);
}

TEST_P(RemovalRace, APurgeTakesNothingFromARerun) {
  work([this](Lease& lease) { complete(lease); });
  race([this](const std::string& id) { return rerun(id); },
       [this](const std::string& id) { purge(id); });
  expect_done(accepted_);
}

TEST_P(RemovalRace, RetentionTakesNoJobThatIsSentAgain) {
  work([this](Lease& lease) { fail(lease); });
  wait_for_retention();
  const auto accepted = race([this](const std::string& id) { return retry(id); },
                             [this](const std::string&) { clean_next(); });
  expect_done(accepted);
}

TEST_P(RemovalRace, RetentionTakesNothingFromARerun) {
  work([this](Lease& lease) { complete(lease); });
  wait_for_retention();
  race([this](const std::string& id) { return rerun(id); },
       [this](const std::string&) { clean_next(); });
  expect_done(accepted_);
}

/// A job that the list of retention named may have been sent again, and have failed again,
/// meanwhile.
TEST_P(RemovalRace, RetentionJudgesAJobByItsLastEnd) {
  work([this](Lease& lease) { fail(lease); });
  wait_for_retention();
  const auto accepted = race(
      [this](const std::string& id) {
        if (!retry(id)) return false;
        auto lease = *lifecycle_.claim_next("w1");
        fail(lease);
        return true;
      },
      [this](const std::string&) { clean_next(); });
  for (const std::string& id : accepted) {
    const auto job = store_->jobs().find(id);
    ASSERT_TRUE(job) << id;
    EXPECT_TRUE(has(job->source.blob)) << id;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, RemovalRace, testing::Values(Place::disk, Place::memory),
                         [](const auto& place) {
                           return place.param == Place::disk ? "disk" : "memory";
                         });

}  // namespace
}  // namespace steno::service
