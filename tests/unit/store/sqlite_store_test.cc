#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "store/sqlite/sqlite_connection.h"
#include "unit/store/store_contract.h"

// What the contract does not say: files, other processes, crashes.

namespace steno {
namespace {

namespace fs = std::filesystem;
using sqlite::Connection;
using sqlite::Query;
using sqlite::Transaction;

constexpr Milliseconds kBusy{5000};

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open(const SqliteOptions& options = {}) {
    auto store = open_sqlite(file_, options);
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }
  Error refusal() {
    const auto store = open_sqlite(file_);
    return store ? Error{Errc::cancelled, "was opened"} : store.error();
  }
  void write(const std::string& content) { std::ofstream(file_) << content; }
  static void add(Store& store, const std::string& id) {
    std::array<Event, 1> first{event("status", "{}", at(0))};
    first[0].job_id = id;
    store.jobs().submit({.jobs = {waiting_job(id, 0)}}, first, {});
  }

  TemporaryFolder folder_;
  const fs::path file_ = folder_ / "steno.db";
};

TEST_F(SqliteStoreTest, KeepsWhatItHasWhenOpenedAgain) {
  auto store = open();
  add(*store, "job_1");
  const auto secret = store->secret("links");
  store.reset();
  store = open();
  EXPECT_EQ(store->jobs().find("job_1"), waiting_job("job_1", 0));
  EXPECT_EQ(store->secret("links"), secret);
}

TEST_F(SqliteStoreTest, IsReadableByItsUserOnly) {
  const auto store = open();
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(SqliteStoreTest, RefusesWhatANewerProgramWrote) {
  open().reset();
  Connection(file_, kBusy).run("PRAGMA user_version = 1000");
  EXPECT_EQ(refusal().code, Errc::conflict);
  EXPECT_NE(refusal().message.find("newer"), std::string::npos) << refusal().message;
}

TEST_F(SqliteStoreTest, RefusesAnotherProgramsDatabase) {
  write("");
  Connection(file_, kBusy).run("CREATE TABLE songs (name TEXT)");
  EXPECT_EQ(refusal().code, Errc::io);
  EXPECT_NE(refusal().message.find("another program"), std::string::npos) << refusal().message;
}

TEST_F(SqliteStoreTest, RefusesWhatIsNoDatabase) {
  write(std::string(5000, 'x'));
  EXPECT_EQ(refusal().code, Errc::io);
  EXPECT_NE(refusal().message.find(file_.string()), std::string::npos) << refusal().message;
}

TEST_F(SqliteStoreTest, RefusesADamagedDatabase) {
  open().reset();
  std::fstream damage(file_, std::ios::in | std::ios::out | std::ios::binary);
  damage.seekp(100);  // the schema's page, behind the file's header
  damage << std::string(3000, '\x55');
  damage.close();
  EXPECT_EQ(refusal().code, Errc::io) << refusal().message;
}

TEST_F(SqliteStoreTest, CheckFindsDamage) {
  auto store = open();
  for (int i = 0; i < 50; ++i) add(*store, "job_" + std::to_string(i));
  EXPECT_TRUE(store->administration().check());
  store.reset();
  std::fstream damage(file_, std::ios::in | std::ios::out | std::ios::binary);
  damage.seekp(static_cast<int64_t>(fs::file_size(file_)) - 2 * 4096);
  damage << std::string(2 * 4096, '\x55');
  damage.close();
  EXPECT_FALSE(open()->administration().check());
}

TEST_F(SqliteStoreTest, CheckFindsMiscountedLanes) {
  const auto store = open();
  add(*store, "job_1");
  Connection(file_, kBusy).run("UPDATE lanes SET waiting = 7");
  EXPECT_FALSE(store->administration().check());
}

TEST_F(SqliteStoreTest, RefusesWhereItCannotWrite) {
  EXPECT_FALSE(open_sqlite(folder_ / "missing" / "steno.db"));
  EXPECT_FALSE(open_sqlite(folder_.path()));
  EXPECT_FALSE(open_sqlite("/proc/steno.db"));
}

TEST_F(SqliteStoreTest, WhatIsErasedIsInNoFileOnceItIsScrubbed) {
  const std::string words = "the words of nobody";
  const auto is_on_disk = [&] {
    const auto has_words = [&](const fs::directory_entry& entry) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(file), {}};
      return content.find(words) != std::string::npos;
    };
    return std::ranges::any_of(fs::directory_iterator(folder_.path()), has_words);
  };
  const auto store = open();
  Job job = waiting_job("job_1", 0);
  job.recording_id = words;
  std::string segments = words;
  while (segments.size() < 20'000) segments += segments;  // more than a page
  std::array<Event, 2> events{event("segment", words, at(0)), event("segment", segments, at(0))};
  for (Event& event : events) event.job_id = job.id;
  store->jobs().submit({.jobs = {job}}, events, {});
  EXPECT_TRUE(store->administration().scrub());
  EXPECT_TRUE(is_on_disk());
  {
    Connection reader(file_, kBusy);
    reader.run("BEGIN; SELECT * FROM events");
    ASSERT_TRUE(store->jobs().erase("job_1"));
    EXPECT_FALSE(store->administration().scrub());
    EXPECT_TRUE(is_on_disk());
  }
  EXPECT_TRUE(store->administration().scrub());
  EXPECT_FALSE(is_on_disk());
  EXPECT_TRUE(store->administration().check());
}

TEST_F(SqliteStoreTest, ManyProcessesMayOpenItAtOnce) {
  constexpr int kProcesses = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = open_sqlite(file_);
      if (store) add(**store, "job_" + std::to_string(i));
      ::_exit(store ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open()->jobs().list({}).size(), size_t{kProcesses});
}

TEST_F(SqliteStoreTest, TwoStoresOfOneFileSeeEachOther) {
  const auto one = open();
  const auto two = open();
  add(*one, "job_1");
  Job mine = one->jobs().find("job_1").value();
  Job theirs = two->jobs().find("job_1").value();
  mine.state = State::processing;
  EXPECT_TRUE(one->jobs().update(mine, {}));
  EXPECT_FALSE(two->jobs().update(theirs, {}));
  EXPECT_EQ(two->jobs().find("job_1"), mine);
  EXPECT_EQ(two->events().last_cursor(), one->events().last_cursor());
}

TEST_F(SqliteStoreTest, WritersOfTwoStoresLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kJobs = 10;
  const auto one = open();
  const auto two = open();
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kJobs; ++k) {
        add(i % 2 == 0 ? *one : *two, "job_" + std::to_string(i) + "_" + std::to_string(k));
      }
    });
  }
  threads.clear();
  const auto events = one->events().events_since({}, 1000);
  ASSERT_EQ(events.size(), size_t{kThreads * kJobs});
  EXPECT_EQ(events.back().cursor, one->events().last_cursor());
  EXPECT_TRUE(one->administration().check());
}

TEST_F(SqliteStoreTest, ALongLockIsBusyAndPasses) {
  const auto store = open({.busy = Milliseconds(100), .observer = {}});
  add(*store, "job_1");
  Connection other(file_, kBusy);
  {
    const Transaction lock(other, Transaction::Lock::exclusive);
    try {
      add(*store, "job_2");
      ADD_FAILURE() << "wrote in spite of the lock";
    } catch (const StoreError& error) {
      EXPECT_EQ(error.kind(), StoreError::Kind::busy) << error.what();
    }
    EXPECT_TRUE(store->jobs().find("job_1"));  // who reads does not wait
  }
  add(*store, "job_2");
  EXPECT_TRUE(store->jobs().find("job_2"));
}

TEST_F(SqliteStoreTest, AShortLockIsWaitedFor) {
  const auto store = open();
  Connection other(file_, kBusy);
  auto lock = std::make_unique<Transaction>(other);
  std::jthread writer([&] { add(*store, "job_1"); });
  std::this_thread::sleep_for(Milliseconds(20));
  lock.reset();
  writer.join();
  EXPECT_TRUE(store->jobs().find("job_1"));
}

TEST_F(SqliteStoreTest, TheAuditLogCannotBeChanged) {
  const auto store = open();
  store->audit().add({0, at(1), "key_1", "job.submit", "job_1", "", "ok", ""});
  Connection direct(file_, kBusy);
  EXPECT_THROW(direct.run("UPDATE audit SET result = 'none'"), StoreError);
  EXPECT_THROW(direct.run("DELETE FROM audit"), StoreError);
  EXPECT_THROW(direct.run("INSERT OR REPLACE INTO audit SELECT id, 0, '', '', '', '', '', ''"
                          " FROM audit"),
               StoreError);
  EXPECT_EQ(store->audit().list(0, 10).at(0).actor, "key_1");
}

TEST_F(SqliteStoreTest, ABackupIsConsistentWhileOthersWrite) {
  const auto store = open();
  std::atomic<bool> over = false;
  std::jthread writer([&] {
    for (int i = 0; !over; ++i) add(*store, "job_" + std::to_string(i));
  });
  while (store->jobs().list(newest(20)).size() < 20) std::this_thread::yield();
  const auto copy = folder_ / "copy.db";
  const auto made = store->administration().backup(copy);
  over = true;
  writer.join();
  ASSERT_TRUE(made) << made.error().message;
  const auto opened = open_sqlite(copy);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE((*opened)->administration().check());
  const auto waiting = (*opened)->jobs().depths().at(0).waiting;
  EXPECT_GE(waiting, 20);
  EXPECT_EQ(std::ssize((*opened)->events().events_since({}, 1'000'000)), waiting);
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().string().find(".part-"), std::string::npos) << entry.path();
  }
}

TEST_F(SqliteStoreTest, ReportsEachCallToTheObserver) {
  std::mutex mutex;
  std::map<std::string, double> told;
  const auto store = open({.observer = [&](std::string_view operation, double seconds) {
    const std::lock_guard lock(mutex);
    told[std::string(operation)] += seconds;
  }});
  add(*store, "job_1");
  EXPECT_THROW(add(*store, "job_1"), StoreError);
  store->jobs().find("job_1");
  EXPECT_GT(told.at("jobs.create"), 0);
  EXPECT_GT(told.at("jobs.find"), 0);
  EXPECT_EQ(told.size(), 2u);
}

/// Writes until it is killed. Every job that was reported on `out` has been written.
[[noreturn]] void write_for_ever(const fs::path& file, int round, int out) {
  const auto store = open_sqlite(file).value();
  for (int i = 0;; ++i) {
    const std::string id = "job_" + std::to_string(round * 100'000 + i);
    std::array<Event, 1> first{event("status", "{}", at(0))};
    first[0].job_id = id;
    JobSubmission submission{.jobs = {waiting_job(id, 0)}};
    submission.key = IdempotencyKey{id, "f"};
    store->jobs().submit(submission, first, {.remember_key = std::chrono::hours(1)});
    if (::write(out, &i, sizeof i) != sizeof i) ::_exit(1);
    Job job = store->jobs().find(id).value();
    job.state = State::processing;
    std::array<Event, 2> more{event("status", "{}", at(1)), event("progress", "{}", at(1))};
    store->jobs().update(job, more);
    if (i % 3 == 0) store->jobs().erase("job_" + std::to_string(round * 100'000 + i - 3));
  }
}

/// Starts such a writer and kills it at a random moment. Returns the number of reported jobs.
int write_and_kill(const fs::path& file, int round) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) write_for_ever(file, round, pipe[1]);
  ::close(pipe[1]);
  int told = 0;
  int number = 0;
  const int enough = 10 + round * 3;
  while (told < enough && ::read(pipe[0], &number, sizeof number) == sizeof number) ++told;
  std::this_thread::sleep_for(std::chrono::microseconds(700 * round));
  ::kill(child, SIGKILL);
  while (::read(pipe[0], &number, sizeof number) == sizeof number) ++told;
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return told;
}

TEST_F(SqliteStoreTest, AKilledWriterLosesNothingAndLeavesItSound) {
  for (int round = 1; round <= 5; ++round) {
    const int told = write_and_kill(file_, round);
    ASSERT_GE(told, 10);
    const auto store = open();
    const auto sound = store->administration().check();
    EXPECT_TRUE(sound) << sound.error().message;
    const std::string last = "job_" + std::to_string(round * 100'000 + told - 1);
    EXPECT_TRUE(store->jobs().find(last)) << last;
    for (const auto& job : store->jobs().list(newest(1000))) {
      const auto events = store->events().events_of(job.id, 0, 10);
      EXPECT_EQ(events.size(), job.state == State::processing ? 3u : 1u) << job.id;
      EXPECT_EQ(events.back().number, static_cast<int64_t>(events.size()));
    }
  }
}

}  // namespace
}  // namespace steno
