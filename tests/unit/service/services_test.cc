// The use cases without a server: a recording is submitted, found, cancelled and purged.

#include "service/services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "blob/blob.h"
#include "blob/memory/memory_staging.h"
#include "blob/memory/memory_store.h"
#include "jobs/lifecycle.h"
#include "models/models.h"
#include "notify/memory/memory_notifier.h"
#include "queue/queue.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"
#include "telemetry/log.h"
#include "unit/base/manual_clock.h"
#include "unit/base/temporary_folder.h"

namespace steno::service {
namespace {

using testing::ElementsAre;

class ServicesTest : public testing::Test {
 protected:
  ServicesTest() {
    std::filesystem::create_directories(folder_.path() / "base");
    std::ofstream(folder_.path() / "base" / "model.bin") << "nothing";
  }
  Services& services() {
    if (!services_) {
      lifecycle_.emplace(*store_, *queue_, *blobs_, notifier_, clock_, policy_);
      library_.emplace(std::vector<std::string>{folder_.path().string()});
      services_.emplace(
          ServiceParts{*store_, *lifecycle_, *blobs_, *staging_, *library_, clock_, log_},
          options_);
    }
    return *services_;
  }
  Outcome<Accepted> submit(std::string_view content) {
    RecordingWriter writer(services().recordings, "/home/ann/call.wav", {100, {}}, Hashing::no);
    if (auto added = writer.add(content); !added) return refuse(added.error());
    if (auto finished = writer.finish(); !finished) return refuse(finished.error());
    NewSubmission wanted;
    wanted.job.options = "{}";
    wanted.recordings = {&writer};
    return services().submissions.submit(wanted, ann_, actor_);
  }
  std::vector<std::string> audited() {
    std::vector<std::string> lines;
    for (const auto& entry : services().audit.list(0, 10)) {
      lines.insert(lines.begin(), entry.action + " " + entry.result);
    }
    return lines;
  }
  std::vector<std::string> blob_keys() {
    std::vector<std::string> keys;
    EXPECT_TRUE(blobs_->list("", [&](const blob::BlobInfo& blob) { keys.push_back(blob.key); }));
    return keys;
  }

  TemporaryFolder folder_;
  ManualClock clock_;
  Log log_{LogLevel::error};
  MemoryNotifier notifier_;
  JobPolicy policy_;
  ServiceOptions options_;
  std::unique_ptr<Store> store_ = open_sqlite("").value();
  std::unique_ptr<blob::BlobStore> blobs_ = blob::make_memory_store();
  std::unique_ptr<blob::UploadStaging> staging_ = blob::make_memory_staging();
  std::unique_ptr<Queue> queue_ = make_database_queue(store_->jobs(), notifier_, clock_);
  std::optional<Lifecycle> lifecycle_;
  std::optional<models::Library> library_;
  std::optional<Services> services_;
  const Caller ann_{"key_1", "ann", kDefaultScopes};
  const Actor actor_{.id = "key_1"};
};

TEST_F(ServicesTest, AcceptCancelAndPurgeARecording) {
  const auto accepted = submit("0123456789");
  ASSERT_TRUE(accepted) << accepted.error().detail;
  const Job& job = accepted->jobs.at(0);
  EXPECT_EQ(job.model, "base");
  EXPECT_EQ(job.source.name, "call.wav");
  EXPECT_EQ(blob::get_blob(*blobs_, job.source.blob, 100).value_or(""), "0123456789");
  EXPECT_EQ(services().jobs.find("ann", job.id)->id, job.id);
  EXPECT_EQ(services().jobs.find("bob", job.id).error().kind, ErrorKind::not_found);

  auto& changes = services().job_changes;
  EXPECT_EQ(changes.purge("ann", job.id, actor_).error().code, "job_not_ended");
  EXPECT_EQ(changes.cancel("bob", job.id, actor_).error().kind, ErrorKind::not_found);
  EXPECT_EQ(changes.cancel("ann", job.id, actor_)->state, State::cancelled);
  EXPECT_EQ(changes.cancel("ann", job.id, actor_).error().code, "job_ended");
  EXPECT_EQ(changes.retry("ann", job.id, actor_).error().code, "not_failed");
  EXPECT_TRUE(changes.purge("ann", job.id, actor_));
  EXPECT_THAT(blob_keys(), ElementsAre());
  EXPECT_THAT(audited(),
              ElementsAre("job.submit ok", "job.purge job_not_ended", "job.cancel ok",
                          "job.cancel job_ended", "job.retry not_failed", "job.purge ok"));
}

TEST_F(ServicesTest, LeaveNothingOfARefusedRecording) {
  policy_.limits.per_owner = 1;
  options_.default_model = "base";
  EXPECT_TRUE(submit("0123456789"));
  const auto refused = submit("0123456789");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::too_many);
  EXPECT_EQ(refused.error().code, "owner_queue_full");
  EXPECT_GT(refused.error().retry_after_s, 0);
  EXPECT_EQ(submit("").error().code, "empty_audio");
  EXPECT_EQ(blob_keys().size(), 1u);
}

TEST_F(ServicesTest, NameTheModelsWhenOneIsMissing) {
  options_.default_model = "large";
  const auto refused = submit("0123456789");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "unknown_model");
  EXPECT_EQ(refused.error().fields.at(0).path, "$.model");
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("there are: base"));
}

TEST_F(ServicesTest, ShowTheUsageOfAllToAdministratorsAlone) {
  store_->usage().add({"ann", "key_1", "2026-11-20", 2, 1, 100, 60.5, 3.25});
  store_->usage().add({"bob", "key_2", "2026-11-20", 1, 0, 1, 1, 1});
  UsageQuery query{"2026-11-01", "2026-11-30"};
  EXPECT_EQ(services().usage.list(ann_, query)->size(), 1u);
  query.owners = UsageQuery::Owners::all;
  EXPECT_EQ(services().usage.list(ann_, query).error().code, "insufficient_scope");
  const Caller admin{"key_3", "root", static_cast<Scopes>(Scope::admin)};
  EXPECT_EQ(services().usage.list(admin, query)->size(), 2u);
}

}  // namespace
}  // namespace steno::service
