#include "jobs/pairing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <utime.h>

#include <fstream>

#include "blob/blob.h"
#include "blob/file/file_store.h"
#include "store/guarded_clock.h"
#include "store/sqlite/sqlite_store.h"
#include "store/store.h"
#include "unit/base/manual_clock.h"
#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class PairingTest : public testing::Test {
 protected:
  fs::path database() const { return folder_ / "steno.db"; }
  std::unique_ptr<Store> open() { return open_sqlite(database()).value(); }
  /// The match that a service finds at its start.
  Match start() {
    const auto store = open();
    Pairing pairing(*store, *blobs_);
    EXPECT_EQ(pairing.match(), Match::unknown);
    const Match match = pairing.begin().value();
    EXPECT_EQ(pairing.match(), match);
    return match;
  }
  /// Writes a blob that is `age` old.
  void put(const std::string& key, std::chrono::seconds age) {
    ASSERT_TRUE(blob::put_blob(*blobs_, key, "content"));
    const auto time = std::chrono::system_clock::to_time_t(SystemClock().now() - age);
    const utimbuf times{time, time};
    ASSERT_EQ(::utime(blobs_->local_path(key)->c_str(), &times), 0);
  }
  void write(Time at) {
    AuditEntry entry;
    entry.at = at;
    open()->audit().add(entry);
  }

  TemporaryFolder folder_;
  std::unique_ptr<blob::BlobStore> blobs_ = blob::open_file_store(folder_ / "blobs").value();
};

TEST_F(PairingTest, PairsWhatIsNew) {
  EXPECT_EQ(start(), Match::same);
  put("audio/1", hours(30));
  EXPECT_EQ(start(), Match::same);
  EXPECT_EQ(describe(Match::same), "");
}

TEST_F(PairingTest, FindsThatTheDatabaseIsMissing) {
  start();
  put("audio/1", hours(30));
  fs::rename(database(), folder_ / "away.db");
  for (const char* log : {"-wal", "-shm"}) fs::remove(database().string() + log);
  EXPECT_EQ(start(), Match::new_database);
  EXPECT_EQ(start(), Match::new_database) << "it stays so";
  EXPECT_THAT(describe(Match::new_database), testing::HasSubstr("steno accept blobs"));
}

TEST_F(PairingTest, FindsThatADatabaseOfAnEarlierVersionIsMissing) {
  put("audio/1", hours(30));
  EXPECT_EQ(start(), Match::new_database);
}

TEST_F(PairingTest, PairsADatabaseOfAnEarlierVersion) {
  put("audio/1", hours(30));
  write(SystemClock().now() - hours(29));
  EXPECT_EQ(start(), Match::same);
}

TEST_F(PairingTest, FindsAnOldDatabaseOfAnEarlierVersion) {
  put("audio/1", hours(30));
  write(SystemClock().now() - hours(31));
  EXPECT_EQ(start(), Match::older);
  write(SystemClock().now());
  EXPECT_EQ(start(), Match::older) << "it stays so";
}

TEST_F(PairingTest, FindsAForeignDatabase) {
  start();
  const auto other = blob::open_file_store(folder_ / "other").value();
  const auto store = open_sqlite(folder_ / "other.db").value();
  Pairing pairing(*store, *other);
  EXPECT_EQ(pairing.begin(), Match::same);
  EXPECT_EQ(Pairing(*store, *blobs_).examine(), Match::foreign);
  EXPECT_EQ(Pairing(*store, *blobs_).begin(), Match::foreign);
}

TEST_F(PairingTest, FindsARestoredCopyWhicheverTimesTheBlobsHave) {
  start();
  ASSERT_TRUE(open()->administration().backup(folder_ / "copy.db"));
  start();  // a later generation
  for (const char* log : {"", "-wal", "-shm"}) fs::remove(database().string() + log);
  fs::rename(folder_ / "copy.db", database());
  EXPECT_EQ(start(), Match::older);
}

TEST_F(PairingTest, FindsACopyOfTheSameGenerationByTheTimesOfTheBlobs) {
  start();
  write(SystemClock().now() - hours(3));
  put("results/1/1.json", hours(1));
  EXPECT_EQ(start(), Match::older);
}

TEST_F(PairingTest, BelievesTheBlobsOfALongAttemptWithoutEvents) {
  start();
  write(SystemClock().now() - hours(3));
  put("stages/1/checkpoints/words.1.1", hours(1));
  const auto store = open();
  ManualClock wall;
  wall.advance(SystemClock().now() - hours(1) - wall.now());
  GuardedClock(wall, store->state(), std::nullopt).remember();  // the service ran until then
  EXPECT_EQ(start(), Match::same);
}

TEST_F(PairingTest, BeginsAGenerationInTheDatabaseFirst) {
  start();
  const auto store = open();
  Pairing pairing(*store, *blobs_);
  EXPECT_EQ(pairing.examine(), Match::same);
  const auto before = blob::get_blob(*blobs_, "installation", 100).value();
  ASSERT_TRUE(blobs_->remove("installation"));  // as if the process ended between the two writes
  ASSERT_TRUE(pairing.advance());
  ASSERT_TRUE(blob::put_blob(*blobs_, "installation", before));
  EXPECT_EQ(start(), Match::same);
  EXPECT_NE(blob::get_blob(*blobs_, "installation", 100).value(), before);
}

TEST_F(PairingTest, StopsWhenTheBlobsGetAnotherDatabase) {
  start();
  const auto store = open();
  Pairing pairing(*store, *blobs_);
  pairing.begin().value();
  ASSERT_TRUE(blob::put_blob(*blobs_, "installation", "steno_other 1 same"));
  ASSERT_TRUE(pairing.advance());
  EXPECT_EQ(pairing.match(), Match::foreign);
}

TEST_F(PairingTest, BelievesTheOperator) {
  put("audio/1", hours(30));
  const auto store = open();
  Pairing service(*store, *blobs_);
  EXPECT_EQ(service.begin(), Match::new_database);
  ASSERT_TRUE(service.advance());
  EXPECT_EQ(service.match(), Match::new_database);
  ASSERT_TRUE(Pairing(*store, *blobs_).accept());
  ASSERT_TRUE(service.advance());
  EXPECT_EQ(service.match(), Match::same) << "a service that runs";
  EXPECT_EQ(start(), Match::same);
}

TEST_F(PairingTest, FindsADamagedDatabase) {
  start();
  {
    const auto store = open();
    for (int i = 0; i < 1000; ++i) {
      AuditEntry entry;
      entry.subject = std::string(100, 'x');
      store->audit().add(entry);
    }
    store->administration().scrub();
  }
  const auto size = fs::file_size(database());
  std::fstream file(database(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size - 3 * 4096));
  file << std::string(4096, '\xff');
  file.close();
  EXPECT_EQ(start(), Match::damaged);
}

}  // namespace
}  // namespace steno
