#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "store/sqlite/database.h"
#include "store/sqlite/event_table.h"
#include "store/sqlite/job_table.h"
#include "store/sqlite/migrations.h"
#include "unit/store/store_contract.h"

namespace steno::sqlite {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Milliseconds kBusy{5000};

/// Runs every list, with each filter, alone and in pairs.
void list_all_ways(Jobs& jobs) {
  const std::vector<std::function<void(JobQuery&)>> filters = {
      [](JobQuery&) {},
      [](JobQuery& query) { query.owner = "ann"; },
      [](JobQuery& query) { query.state = State::failed; },
      [](JobQuery& query) { query.type = "transcription"; },
      [](JobQuery& query) { query.recording_id = "r"; },
      [](JobQuery& query) { query.batch_id = "b"; },
      [](JobQuery& query) { query.dead_letter = true; },
      [](JobQuery& query) { query.dead_letter = false; },
      [](JobQuery& query) { query.created_after = at(1); },
      [](JobQuery& query) { query.after_id = "job_1"; },
  };
  for (const auto& one : filters) {
    for (const auto& other : filters) {
      JobQuery query;
      one(query);
      other(query);
      jobs.list(query);
    }
  }
}

void ask_everything(Database& database) {
  Jobs jobs(database);
  list_all_ways(jobs);
  jobs.next_available(at(0));
  jobs.depths();
  jobs.place_in_queue(waiting_job("job_1", 0));
  jobs.processing();
  jobs.overdue(at(0), 1);
  jobs.ended_before(at(0), JobStore::Kept::audio, 1);
  jobs.ended_before(at(0), JobStore::Kept::job, 1);
  jobs.count_batch("b", "ann");
  jobs.available_before(at(0), 1);
  EventTable log(database);
  log.events_of("job_1", 0, 1);
  log.events_since({}, 1);
  log.last_cursor();
  std::array<Event, 1> events{event("status", "{}", at(0))};
  events[0].job_id = "job_1";
  JobSubmission submission{.jobs = {waiting_job("job_1", 0)}};
  submission.key = IdempotencyKey{"k", "f"};
  submission.upload = UploadUse{"up_1", "", at(1)};
  jobs.submit(submission, events, {});
  submission.upload.reset();
  jobs.submit(submission, events, {.remember_key = Milliseconds(1), .limits = {1, 1}});
  Job job = jobs.claim_next({.now = at(0), .ageing = Milliseconds(1)},
                            [](const Job& waiting) { return JobWrite{waiting}; })
                .value()
                .after;
  job.heartbeats = 1;
  jobs.update(job, {});
  job.state = State::processing;
  jobs.update(job, {});
  jobs.erase("job_1");
}

std::vector<std::string> plan(Connection& connection, const std::string& text) {
  std::vector<std::string> lines;
  Query query(connection, "EXPLAIN QUERY PLAN " + text);
  while (query.next()) lines.push_back(query.get<std::string>(3));
  return lines;
}

TEST(SqliteDatabase, NoQuestionGoesThroughAllJobs) {
  const auto database = Database::open({}, {}).value();
  ask_everything(*database);
  database->read("plans", [](Connection& connection) {
    int questions = 0;
    for (const auto& text : connection.prepared_texts()) {
      if (text.find("jobs") == text.npos && text.find("events") == text.npos) continue;
      ++questions;
      for (const auto& line : plan(connection, text)) {
        EXPECT_THAT(line, Not(HasSubstr("SCAN head"))) << text;
        // Only waiting jobs, by an index, one lane after the other.
        EXPECT_THAT(line, Not(HasSubstr("SCAN jobs"))) << text;
        EXPECT_THAT(line, Not(HasSubstr("SCAN events"))) << text;
        if (text.find("created_at DESC") != text.npos) {
          EXPECT_THAT(line, Not(HasSubstr("TEMP B-TREE"))) << text;
        }
      }
    }
    EXPECT_GT(questions, 40);
  });
}

TEST(SqliteDatabase, ARolledBackTransactionLeavesNothing) {
  const auto database = Database::open({}, {}).value();
  EXPECT_THROW(database->write("test",
                               [](Connection& connection) {
                                 connection.run("INSERT INTO secrets VALUES ('a', x'00')");
                                 throw std::runtime_error("no");
                               }),
               std::runtime_error);
  database->write("test", [](Connection& connection) {
    Query query(connection, "SELECT count(*) FROM secrets");
    query.next();
    EXPECT_EQ(query.get<int>(0), 0);
  });
}

TEST(SqliteDatabase, AFullDiskIsNoSpaceAndPasses) {
  const TemporaryFolder folder;
  const auto database = Database::open(folder / "steno.db", {}).value();
  Jobs jobs(*database);
  const auto limit_pages = [&](const std::string& pages) {
    database->write("test", [&](Connection& connection) {
      Query query(connection, "PRAGMA max_page_count = " + pages);
      query.next();
    });
  };
  limit_pages("1");  // not below the present number
  Job job = waiting_job("job_1", 0);
  job.metadata = std::string(1'000'000, 'x');
  try {
    jobs.submit({.jobs = {job}}, {}, {});
    ADD_FAILURE() << "wrote a megabyte into no pages";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreError::Kind::no_space) << error.what();
    EXPECT_THAT(error.what(), HasSubstr((folder / "steno.db").string()));
    EXPECT_THAT(error.what(), HasSubstr("free some space"));
  }
  EXPECT_FALSE(jobs.find("job_1"));
  limit_pages("1000000");
  jobs.submit({.jobs = {job}}, {}, {});
  EXPECT_EQ(jobs.find("job_1"), job);
}

TEST(SqliteMigrations, EachRunsOnceInOrder) {
  Connection connection({}, kBusy);
  const std::array<Migration, 2> steps{
      Migration{"0001", "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1);"},
      Migration{"0002", "INSERT INTO t SELECT n + 1 FROM t;"}};
  EXPECT_TRUE(migrate(connection, std::span(steps).first(1)));
  EXPECT_TRUE(migrate(connection, steps));
  EXPECT_TRUE(migrate(connection, steps));
  Query query(connection, "SELECT count(*), max(n) FROM t");
  query.next();
  EXPECT_EQ(query.get<int>(0), 2);
  EXPECT_EQ(query.get<int>(1), 2);
  const auto older = migrate(connection, std::span(steps).first(1));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Errc::conflict);
}

TEST(SqliteMigrations, AFailedOneLeavesNothing) {
  Connection connection({}, kBusy);
  const std::array<Migration, 1> steps{
      Migration{"0001", "CREATE TABLE t (n); CREATE TABLE t (n);"}};
  EXPECT_THROW(static_cast<void>(migrate(connection, steps)), StoreError);
  Query query(connection, "SELECT count(*) FROM sqlite_schema");
  query.next();
  EXPECT_EQ(query.get<int>(0), 0);
}

TEST(SqliteMigrations, AreNumberedWithoutAGap) {
  int number = 0;
  for (const auto& migration : migrations()) {
    EXPECT_EQ(std::stoi(std::string(migration.name.substr(0, 4))), ++number) << migration.name;
  }
  EXPECT_GT(number, 0);
}

}  // namespace
}  // namespace steno::sqlite
