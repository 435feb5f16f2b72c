#include "store/sqlite/sqlite_store.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "store/sqlite/migrations.h"
#include "store/sqlite/sqlite_connection.h"
#include "unit/store/store_contract.h"

// Properties beyond the contract: files, other processes, crashes.

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

TEST_F(SqliteStoreTest, SaysTheFileAndTheNextStepInEachError) {
  const auto expect = [&](const std::string& message, const std::string& step) {
    EXPECT_NE(message.find(file_.string()), std::string::npos) << message;
    EXPECT_NE(message.find(step), std::string::npos) << message;
  };
  write(std::string(5000, 'x'));
  expect(refusal().message, "restore a backup");
  fs::remove(file_);
  open().reset();
  Connection(file_, kBusy).run("PRAGMA user_version = 1000");
  expect(refusal().message, "use the newer program");
  fs::remove(file_);
  const auto store = open({.busy = Milliseconds(10), .observer = {}, .now = {}});
  Connection other(file_, kBusy);
  const auto message_of = [&] {
    try {
      add(*store, "job_1");
    } catch (const StoreError& error) {
      return std::string(error.what());
    }
    return std::string("was written");
  };
  {
    const Transaction lock(other, Transaction::Lock::exclusive);
    expect(message_of(), "locked by another process");
    expect(message_of(), "end that process");
  }
  fs::create_directory(folder_ / "nowhere.db");
  const auto folder = open_sqlite(folder_ / "nowhere.db");
  ASSERT_FALSE(folder);
  EXPECT_NE(folder.error().message.find("check that its folder exists"), std::string::npos)
      << folder.error().message;
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
    ASSERT_TRUE(end_and_erase(store->jobs(), "job_1"));
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
  const auto store = open({.busy = Milliseconds(100), .observer = {}, .now = {}});
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
    EXPECT_TRUE(store->jobs().find("job_1"));  // a reader does not wait
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
  const auto store = open({.observer =
                               [&](std::string_view operation, double seconds) {
                                 const std::lock_guard lock(mutex);
                                 told[std::string(operation)] += seconds;
                               },
                           .now = {}});
  add(*store, "job_1");
  EXPECT_THROW(add(*store, "job_1"), StoreError);
  store->jobs().find("job_1");
  EXPECT_GT(told.at("jobs.create"), 0);
  EXPECT_GT(told.at("jobs.find"), 0);
  EXPECT_EQ(told.size(), 2u);
}

/// Adds jobs until it is killed. Writes the number of each to `out` after it is stored.
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
    if (i % 3 == 0) end_and_erase(store->jobs(), "job_" + std::to_string(round * 100'000 + i - 3));
  }
}

/// Runs `work` in a process and kills it at some moment; how many numbers it had written.
int write_and_kill(const fs::path& file, int round,
                   const std::function<void(const fs::path&, int, int)>& work) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) work(file, round, pipe[1]);
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
    const int told = write_and_kill(file_, round, write_for_ever);
    ASSERT_GE(told, 10);
    const auto store = open();
    const auto sound = store->administration().check();
    EXPECT_TRUE(sound) << sound.error().message;
    const std::string last = "job_" + std::to_string(round * 100'000 + told - 1);
    EXPECT_TRUE(store->jobs().find(last)) << last;
    for (const auto& job : store->jobs().list(newest(1000))) {
      const auto events = store->events().events_of(job.id, 0, 10);
      // A kill may also come between the end of a job and its removal.
      const bool has_begun = job.state == State::processing || is_final(job.state);
      EXPECT_EQ(events.size(), has_begun ? 3u : 1u) << job.id;
      EXPECT_EQ(events.back().number, static_cast<int64_t>(events.size()));
    }
  }
}

/// Makes a database of the form that the first `steps` migrations give, with some rows.
void make_old_database(const fs::path& file, size_t steps, const std::string& rows) {
  std::ofstream(file).close();
  Connection connection(file, kBusy);
  ASSERT_TRUE(sqlite::migrate(connection, sqlite::migrations().first(steps)));
  connection.run(rows);
}

/// Of the columns that have no default.
std::string insert_old_job(const std::string& id, const std::string& blob) {
  return "INSERT INTO jobs (id, owner, key_id, type, created_at, state, priority, available_at,"
         " source_blob, source_bytes, result, dead_letter, stage, progress, attempt, max_attempts,"
         " version, fence, beat, worker, updated_at, time_limit, source_url, source_name, model,"
         " options, metadata, audio_seconds, compute_seconds, warnings) VALUES ('" +
         id + "', 'ann', 'key_ann', 'transcription', 1, 'pending', 5, 1, '" + blob +
         "', 4, '', 0, 'queued', 0, 0, 3, 0, 0, 17, '', 1, 0, '', '', 'base', '{}', '', 0, 0,"
         " '[]');";
}

TEST_F(SqliteStoreTest, KeepsTheHeartbeatsAndKeysOfAnOlderDatabase) {
  const auto expires = std::to_string(at(500).time_since_epoch().count());
  const std::string far = ", " + expires + ");";
  make_old_database(file_, 7,
                    insert_old_job("job_1", "") + insert_old_job("job_2", "") +
                        insert_old_job("job_3", "") +
                        "INSERT INTO idempotency VALUES ('ann', 'k', 'f', 'job_1'" + far +
                        "INSERT INTO idempotency VALUES ('ann', 'k' || char(10) || '10', 'f',"
                        " 'job_3'" +
                        far +
                        "INSERT INTO idempotency VALUES ('ann', 'k' || char(10) || '2', 'f',"
                        " 'job_2'" +
                        far);
  const auto store = open();
  EXPECT_EQ(store->jobs().find("job_1")->heartbeats, 17);
  JobSubmission again{.jobs = {waiting_job("job_new", 1)}};
  again.key = IdempotencyKey{"k", "f"};
  const Creation creation = store->jobs().submit(again, {}, {});
  EXPECT_EQ(creation.status, Creation::Status::repeated);
  EXPECT_EQ(ids(creation.jobs), (std::vector<std::string>{"job_1", "job_2", "job_3"}));
  EXPECT_TRUE(store->administration().check());
}

TEST_F(SqliteStoreTest, CompletesTheUseOfAnUploadThatACrashHadCutOff) {
  make_old_database(
      file_, 7,
      insert_old_job("job_1", "audio/up_1") +
          "INSERT INTO idempotency VALUES ('ann', 'k', 'f', 'job_1', 1);"
          "INSERT INTO uploads VALUES ('up_1', 'ann', 'audio/up_1', 'filename YQ==', 4, 1, 1, 2);"
          "INSERT INTO uploads VALUES ('up_2', 'ann', 'audio/up_2', '', 4, 1, 1, 2);");
  const auto store = open();
  const Upload used = store->uploads().find("up_1").value();
  EXPECT_EQ(used.blob, "");
  EXPECT_EQ(used.metadata, R"({"job_id":"job_1","fingerprint":"f"})");
  EXPECT_EQ(store->uploads().expire("up_1", at(0)), UploadStore::Expiry::of_a_job);
  EXPECT_EQ(store->uploads().expire("up_2", at(0)), UploadStore::Expiry::unused);
}

/// Submits batches of three, each with an upload and an audit entry, until it is killed.
[[noreturn]] void submit_for_ever(const fs::path& file, int round, int out) {
  const auto store = open_sqlite(file).value();
  for (int i = 0;; ++i) {
    const std::string name = std::to_string(round) + "_" + std::to_string(i);
    store->uploads().add({name, "ann", "audio/" + name, "", 1, true, at(0), at(10)});
    JobSubmission submission;
    std::vector<Event> events;
    for (int job = 0; job < 3; ++job) {
      submission.jobs.push_back(waiting_job("job_" + name + "_" + std::to_string(job), 0));
      submission.jobs.back().batch_id = name;
      events.push_back(event("status", "{}", at(0)));
      events.back().job_id = submission.jobs.back().id;
    }
    submission.jobs[0].source.blob = "audio/" + name;
    submission.key = IdempotencyKey{name, "f"};
    submission.upload = UploadUse{name, "by a job", at(20)};
    submission.audit.push_back({0, at(0), "key_ann", "job.submit", name, "", "ok", ""});
    store->jobs().submit(submission, events, {.remember_key = std::chrono::hours(1)});
    if (::write(out, &i, sizeof i) != sizeof i) ::_exit(1);
  }
}

TEST_F(SqliteStoreTest, AKilledWriterLeavesWholeSubmissions) {
  for (int round = 1; round <= 5; ++round)
    ASSERT_GE(write_and_kill(file_, round, submit_for_ever), 10);
  const auto store = open();
  std::set<std::string> audited;
  for (const auto& entry : store->audit().list(0, 100'000)) audited.insert(entry.subject);
  const auto uploads = store->uploads().all();
  ASSERT_GE(uploads.size(), 50u);
  for (const Upload& upload : uploads) {
    const bool is_used = upload.blob.empty();
    const auto counts = store->jobs().count_batch(upload.id, "ann");
    EXPECT_EQ(counts.has_value(), is_used) << upload.id;
    if (counts) {
      EXPECT_EQ((*counts)[0], 3) << upload.id;
    }
    EXPECT_EQ(audited.contains(upload.id), is_used) << upload.id;
  }
}

TEST_F(SqliteStoreTest, AReaderMissesNoEventOfOtherProcesses) {
  constexpr int kProcesses = 4;
  constexpr int kJobs = 25;
  open().reset();
  std::vector<pid_t> writers;
  for (int i = 0; i < kProcesses; ++i) {
    writers.push_back(::fork());
    if (writers.back() != 0) continue;
    const auto store = open_sqlite(file_).value();
    for (int k = 0; k < kJobs; ++k) {
      add(*store, "job_" + std::to_string(i) + "_" + std::to_string(k));
    }
    ::_exit(0);
  }
  const auto store = open();
  EventCursor cursor;
  std::set<std::string> seen;
  bool is_last = false;
  while (true) {
    const auto events = store->events().events_since(cursor, 7);
    for (const Event& event : events) {
      EXPECT_GT(event.cursor, cursor);
      cursor = event.cursor;
      EXPECT_TRUE(seen.insert(event.job_id).second) << event.job_id;
    }
    if (events.empty() && is_last) break;
    std::erase_if(writers, [](pid_t writer) { return ::waitpid(writer, nullptr, WNOHANG) != 0; });
    is_last = writers.empty();
  }
  EXPECT_EQ(seen.size(), size_t{kProcesses * kJobs});
}

}  // namespace
}  // namespace steno
