// A copy takes the place of a database, whatever lies beside either.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "store/sqlite/sqlite_store.h"
#include "unit/base/temporary_folder.h"
#include "unit/store/store_contract.h"

namespace steno {
namespace {

namespace fs = std::filesystem;

class RestoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open() { return open_sqlite(file_).value(); }
  static void add(Store& store, const std::string& id) {
    store.jobs().submit({.jobs = {waiting_job(id, 1)}}, {}, {});
  }
  std::vector<std::string> stored() { return ids(open()->jobs().list(newest(100))); }
  /// A database with job_2 whose log was not written back, as after a crash, and a copy with job_1.
  void crash_after_a_copy() {
    {
      const auto store = open();
      add(*store, "job_1");
      ASSERT_TRUE(store->administration().backup(copy_));
    }
    const auto store = open();
    add(*store, "job_2");
    fs::create_directory(folder_ / "crashed");
    for (const char* ending : {"", "-wal", "-shm"}) {
      fs::copy(file_.string() + ending, folder_ / "crashed");
    }
  }
  void put_crashed_back() {
    for (const char* ending : {"", "-wal", "-shm"}) {
      fs::copy_file(folder_ / "crashed" / ("steno.db" + std::string(ending)),
                    file_.string() + ending, fs::copy_options::overwrite_existing);
    }
  }

  TemporaryFolder folder_;
  const fs::path file_ = folder_ / "steno.db";
  const fs::path copy_ = folder_ / "copy.db";
};

TEST_F(RestoreTest, LeavesAnOldLogBehind) {
  crash_after_a_copy();
  put_crashed_back();
  const auto old = restore_sqlite(file_, copy_);
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_THAT(stored(), testing::ElementsAre("job_1"));
  EXPECT_TRUE(open()->administration().check());
  ASSERT_TRUE(fs::exists(*old));
  EXPECT_THAT(ids(open_sqlite(*old).value()->jobs().list(newest(10))),
              testing::ElementsAre("job_2", "job_1"))
      << "with its log";
}

TEST_F(RestoreTest, AnOldLogBesideACopyThatWasPutThereByHandIsSetAside) {
  crash_after_a_copy();
  put_crashed_back();
  fs::copy_file(copy_, file_, fs::copy_options::overwrite_existing);
  const auto store = open();
  EXPECT_THAT(store->administration().set_aside(), testing::HasSubstr("steno.db.replaced-"));
  EXPECT_TRUE(store->administration().check());
  EXPECT_THAT(ids(store->jobs().list(newest(10))), testing::ElementsAre("job_1"));
  EXPECT_EQ(open()->administration().set_aside(), "") << "its own log stays";
}

TEST_F(RestoreTest, ALogIsKeptBesideItsDatabase) {
  crash_after_a_copy();
  put_crashed_back();
  EXPECT_EQ(open()->administration().set_aside(), "");
  EXPECT_THAT(stored(), testing::ElementsAre("job_2", "job_1"));
}

TEST_F(RestoreTest, MakesADatabaseWhereThereIsNone) {
  add(*open(), "job_1");
  ASSERT_TRUE(open()->administration().backup(copy_));
  EXPECT_EQ(restore_sqlite(folder_ / "new.db", copy_).value(), "");
  EXPECT_EQ(open_sqlite(folder_ / "new.db").value()->jobs().list(newest(10)).size(), 1u);
}

TEST_F(RestoreTest, ChangesNothingForABadCopy) {
  add(*open(), "job_1");
  ASSERT_TRUE(open()->administration().backup(copy_));
  std::ofstream(folder_ / "text") << "no database, but long enough to have a header"
                                  << std::string(100, '.');
  EXPECT_EQ(restore_sqlite(file_, folder_ / "text").error().code, Errc::invalid_argument);
  EXPECT_EQ(restore_sqlite(file_, folder_ / "nothing").error().code, Errc::invalid_argument);
  {
    std::fstream damage(copy_, std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(4096);
    damage << std::string(8192, '\xff');
  }
  EXPECT_FALSE(restore_sqlite(file_, copy_));
  EXPECT_THAT(stored(), testing::ElementsAre("job_1"));
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    files.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(files, testing::Each(testing::Not(testing::HasSubstr("restore-"))));
}

TEST_F(RestoreTest, RefusesADatabaseThatIsNoFinishedCopy) {
  crash_after_a_copy();
  const auto refused = restore_sqlite(file_, folder_ / "crashed" / "steno.db");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("its log lies beside it"));
}

}  // namespace
}  // namespace steno
