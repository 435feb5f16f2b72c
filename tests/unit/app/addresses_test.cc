#include "app/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/backends.h"
#include "app/config/config.h"
#include "unit/base/temporary_folder.h"

namespace steno::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AddressesTest : public testing::Test {
 protected:
  AddressesTest() { settings_.data_dir = (folder_ / "data").string(); }

  /// What is wrong with the one setting.
  std::vector<std::string> complaints(AddressSettings Settings::*setting, const std::string& url) {
    Settings settings = settings_;
    (settings.*setting).url = url;
    return complaints_about_addresses(settings);
  }

  TemporaryFolder folder_;
  Settings settings_;
};

TEST_F(AddressesTest, AreInTheDataFolderUnlessTheyAreSet) {
  EXPECT_EQ(store_address(settings_).text(), "sqlite:" + (folder_ / "data/steno.db").string());
  EXPECT_EQ(blobs_address(settings_).text(), "file:" + (folder_ / "data/blobs").string());
  EXPECT_EQ(queue_address(settings_).text(), "database:");
  settings_.store.url = "sqlite:///srv/shared.db";
  settings_.blobs.url = "file:shared";
  EXPECT_EQ(std::filesystem::path(store_address(settings_).place).lexically_normal(),
            "/srv/shared.db");
  EXPECT_EQ(blobs_address(settings_).place, folder_ / "data/shared") << "relative to data_dir";
  EXPECT_THAT(settings_of_one_process(settings_), IsEmpty());
}

TEST_F(AddressesTest, NameTheSettingAndTheSchemesThatAreThere) {
  EXPECT_THAT(complaints(&Settings::store, "postgresql://db/steno"),
              ElementsAre(AllOf(HasSubstr("store.url"), HasSubstr("\"postgresql:\""),
                                HasSubstr("sqlite:PATH or memory:"))));
  EXPECT_THAT(complaints(&Settings::blobs, "s3://bucket"),
              ElementsAre(AllOf(HasSubstr("blobs.url"), HasSubstr("\"s3:\""),
                                HasSubstr("file:PATH or memory:"))));
  EXPECT_THAT(
      complaints(&Settings::queue, "redis://host"),
      ElementsAre(AllOf(HasSubstr("queue.url"), HasSubstr("\"redis:\""), HasSubstr("database:"))));
  for (const char* bad : {"sqlite:", "memory:now", "/var/lib/steno.db", ":x",
                          "sqlite::memory:", "sqlite:a?mode=memory"}) {
    EXPECT_THAT(complaints(&Settings::store, bad), ElementsAre(HasSubstr("store.url must be ")))
        << bad;
  }
  for (const char* good : {"", "sqlite:a"}) {
    EXPECT_THAT(complaints(&Settings::store, good), IsEmpty()) << good;
  }
}

TEST_F(AddressesTest, EndTogetherOrNotAtAll) {
  struct Row {
    const char* store;
    const char* blobs;
    const char* queue;
    const char* complaint;  // none: right
  };
  const Row rows[] = {
      {"sqlite:a", "file:b", "database:", nullptr},
      {"memory:", "memory:", "database:", nullptr},
      {"memory:", "memory:", "memory:", nullptr},
      {"sqlite:a", "memory:", "database:", "blobs.url = memory: forgets the recordings"},
      {"sqlite:a", "memory:", "memory:", "blobs.url = memory: forgets the recordings"},
      {"memory:", "file:b", "database:", "store.url = memory: forgets the jobs"},
      {"memory:", "", "memory:", "store.url = memory: forgets the jobs"},
      {"sqlite:a", "file:b", "memory:", "queue.url = memory: cannot wake the workers"},
      {"", "", "memory:", "queue.url = memory: cannot wake the workers"},
  };
  for (const Row& row : rows) {
    settings_.store.url = row.store;
    settings_.blobs.url = row.blobs;
    settings_.queue.url = row.queue;
    const auto found = complaints_about_addresses(settings_);
    if (row.complaint == nullptr) {
      EXPECT_THAT(found, IsEmpty()) << row.store << " " << row.blobs << " " << row.queue;
    } else {
      ASSERT_FALSE(found.empty()) << row.store << " " << row.blobs << " " << row.queue;
      EXPECT_THAT(found.front(), HasSubstr(row.complaint));
    }
  }
}

TEST_F(AddressesTest, AreRefusedWithTheNextStepWhereNothingCanBeMade) {
  settings_.store.url = "sqlite:" + (folder_ / "none/all.db").string();
  settings_.blobs.url = "file:" + (folder_ / "nothing/blobs").string();
  const auto refused = open_service_backends(settings_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("store.url = sqlite:"), HasSubstr("blobs.url = file:"),
                    HasSubstr((folder_ / "none").string() + " does not exist; make it"),
                    HasSubstr((folder_ / "nothing").string() + " does not exist; make it")));
  EXPECT_FALSE(std::filesystem::exists(settings_.data_dir)) << "it leaves nothing behind";
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing"));
  std::filesystem::create_directory(folder_ / "none");
  std::filesystem::create_directory(folder_ / "nothing");
  EXPECT_TRUE(open_service_backends(settings_));
}

TEST_F(AddressesTest, OfAFolderWhereAFileShouldBeAreRefused) {
  std::filesystem::create_directories(folder_ / "a folder");
  std::ofstream(folder_ / "a file") << "x";
  settings_.store.url = "sqlite:" + (folder_ / "a folder").string();
  settings_.blobs.url = "file:" + (folder_ / "a file").string();
  const auto refused = open_service_backends(settings_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("a folder is a folder, not a file"),
                                             HasSubstr("a file is not a folder")));
}

TEST_F(AddressesTest, MakeNoNewDatabaseForTheRecordingsOfAnother) {
  {
    const auto backends = open_service_backends(settings_).value();
    ASSERT_TRUE(blob::put_blob(*backends.blobs, "audio/one", "content"));
  }
  std::filesystem::remove(folder_ / "data/steno.db");
  const auto refused = open_service_backends(settings_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("restore a backup of the database"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data/steno.db"));
}

TEST_F(AddressesTest, AreCheckedWithTheConfiguration) {
  ConfigFlags flags;
  flags.values = {{"--set", "data_dir", settings_.data_dir}, {"--set", "store.url", "mysql:x"}};
  const auto configured = read_config(flags, {}).checked();
  ASSERT_FALSE(configured);
  EXPECT_THAT(configured.error().message, HasSubstr("store.url: the scheme \"mysql:\""));
}

TEST_F(AddressesTest, OfMemoryAreForOneProcess) {
  settings_.store.url = "memory:";
  settings_.blobs.url = "memory:";
  EXPECT_THAT(settings_of_one_process(settings_),
              ElementsAre("store.url = memory:", "blobs.url = memory:"));
  const auto outside = open_backends(settings_);
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().code, Errc::unavailable);
  EXPECT_THAT(outside.error().message, HasSubstr("store.url = memory: is in the memory of steno"));
  EXPECT_FALSE(require_service_data(settings_));
  EXPECT_FALSE(open_store(settings_));

  const auto inside = open_service_backends(settings_).value();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data/steno.db"));
  EXPECT_EQ(inside.workers->list().size(), 0u);
  EXPECT_TRUE(blob::put_blob(*inside.blobs, "audio/one", "content"));
}

TEST_F(AddressesTest, LetTwoDataFoldersShareOneStore) {
  Settings other = settings_;
  other.data_dir = (folder_ / "other").string();
  other.store.url = store_address(settings_).text();
  other.blobs.url = blobs_address(settings_).text();
  const auto first = open_backends(settings_).value();
  const auto second = open_backends(other).value();

  const auto listener = second.work_notifier->listen();
  ASSERT_TRUE(blob::put_blob(*first.blobs, "audio/one", "content"));
  Job job;
  job.source.blob = "audio/one";
  const std::string id = first.lifecycle->submit({.jobs = {job}}).jobs.at(0).id;
  EXPECT_TRUE(listener->wait(std::chrono::minutes(1), {}));
  EXPECT_EQ(second.lifecycle->claim_next("worker").value().job.id, id);
  EXPECT_EQ(blob::get_blob(*second.blobs, "audio/one", 100), "content");

  WorkerDescription description;
  description.name = "w1";
  const auto registration = first.workers->add(description).value();
  EXPECT_THAT(living_workers(*second.workers), ElementsAre("w1"));
}

TEST_F(AddressesTest, OfTwoDatabasesInOneFolderShareNothing) {
  std::filesystem::create_directories(folder_ / "db");
  Settings other = settings_;
  settings_.store.url = "sqlite:" + (folder_ / "db/first.db").string();
  other.store.url = "sqlite:" + (folder_ / "db/second.db").string();
  const auto first = open_backends(settings_).value();
  const auto second = open_backends(other).value();
  WorkerDescription description;
  description.name = "w1";
  const auto registration = first.workers->add(description).value();
  EXPECT_THAT(living_workers(*second.workers), IsEmpty());
}

TEST_F(AddressesTest, LeaveNoFolderWhereOneIsOnlyReadFrom) {
  EXPECT_EQ(require_service_data(settings_).error().code, Errc::not_found);
  EXPECT_FALSE(open_store(settings_));
  EXPECT_FALSE(std::filesystem::exists(settings_.data_dir));
  ASSERT_TRUE(open_backends(settings_));
  EXPECT_TRUE(require_service_data(settings_));
}

}  // namespace
}  // namespace steno::app
