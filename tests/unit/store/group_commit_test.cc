#include "store/sqlite/group_commit.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

#include "store/sqlite/database.h"
#include "unit/base/temporary_folder.h"

namespace steno::sqlite {
namespace {

class GroupCommitTest : public testing::Test {
 protected:
  GroupCommitTest() { run("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"); }

  void run(const std::string& sql) {
    database_->write("test", [&](Connection& connection) { connection.run(sql); });
  }
  void add(int number) {
    database_->write("test", [number](Connection& connection) {
      Query(connection, "INSERT INTO numbers VALUES (?)", number).run();
    });
  }
  int64_t count() {
    return database_->read("test", [](Connection& connection) {
      Query query(connection, "SELECT count(*) FROM numbers");
      query.next();
      return query.get<int64_t>(0);
    });
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_ = *Database::open(folder_.path() / "test.db", {});
};

TEST_F(GroupCommitTest, WritesWhatManyThreadsBringAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 20; ++j) add(i * 20 + j);
    });
  }
  threads.clear();
  EXPECT_EQ(count(), 320);
}

TEST_F(GroupCommitTest, TakesBackOnlyWhatFails) {
  add(0);
  std::latch inside(1);
  std::latch go(1);
  // While the first thread writes, the others form one group.
  std::jthread first([&] {
    database_->write("test", [&](Connection&) {
      inside.count_down();
      go.wait();
    });
  });
  inside.wait();
  std::atomic<int> failed = 0;
  std::atomic<int> begun = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      ++begun;
      try {
        database_->write("test", [&](Connection& connection) {
          Query(connection, "INSERT INTO numbers VALUES (?)", 100 + i).run();
          if (i % 2 == 0) Query(connection, "INSERT INTO numbers VALUES (0)").run();  // is there
        });
      } catch (const StoreError&) {
        ++failed;
      }
    });
  }
  while (begun < 8) std::this_thread::yield();
  go.count_down();
  threads.clear();
  EXPECT_EQ(failed, 4);
  EXPECT_EQ(count(), 1 + 4);
}

}  // namespace
}  // namespace steno::sqlite
