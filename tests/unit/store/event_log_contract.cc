#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "unit/store/store_contract.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(EventLogContract, EventsAreNumberedPerJobAndOrderedOverAll) {
  auto& log = store_->events();
  create(waiting_job("job_1", 1));
  create(waiting_job("job_2", 1));
  Job job = stored("job_1");
  const std::array<Event, 2> events{event("progress", R"({"progress":1})", at(2)),
                                    event("segment", R"({"id":0})", at(3))};
  ASSERT_TRUE(jobs().update(job, events));

  const auto of_job = log.events_of("job_1", 1, 10);
  ASSERT_EQ(of_job.size(), 2u);
  EXPECT_EQ(of_job[0].number, 2);
  EXPECT_EQ(of_job[1].job_id, "job_1");
  EXPECT_EQ(of_job[1].number, 3);
  EXPECT_GT(of_job[1].cursor, of_job[0].cursor);
  EXPECT_EQ(of_job[1].type, "segment");
  EXPECT_EQ(of_job[1].data, R"({"id":0})");
  EXPECT_EQ(of_job[1].at, at(3));
  EXPECT_EQ(log.events_of("job_1", 0, 2).size(), 2u);

  const auto all = log.events_since({}, 10);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].job_id, "job_2");
  EXPECT_EQ(all[1].number, 1);
  EXPECT_EQ(all[3].cursor, of_job[1].cursor);
  EXPECT_EQ(log.last_cursor(), all[3].cursor);
  EXPECT_EQ(log.events_since(all[1].cursor, 1).at(0).cursor, all[2].cursor);
  EXPECT_THAT(log.events_since(all[3].cursor, 10), IsEmpty());
}

TEST_P(EventLogContract, AnUpdateThatFailsAddsNoEvent) {
  create(waiting_job("job_1", 1));
  const EventCursor before = store_->events().last_cursor();
  Job stale = stored("job_1");
  change("job_1", [](Job& job) { job.stage = "loading"; });
  const std::array<Event, 1> events{event("status", "{}", at(2))};
  EXPECT_FALSE(jobs().update(stale, events));
  EXPECT_EQ(store_->events().last_cursor(), before);
}

/// Reads all events after the cursor, as a service does, until `over` is set and no more events
/// come.
std::vector<Event> follow(EventLog& log, EventCursor cursor, const std::atomic<bool>& over) {
  std::vector<Event> seen;
  while (true) {
    const bool is_last = over;
    const auto events = log.events_since(cursor, 7);  // a page that is often full
    for (const Event& event : events) {
      cursor = event.cursor;
      seen.push_back(event);
    }
    if (events.empty() && is_last) return seen;
  }
}

/// Each event once, by growing cursors, and those of a job by growing numbers without a gap.
void expect_complete(const std::vector<Event>& seen, size_t count) {
  EXPECT_EQ(seen.size(), count);
  std::map<std::string, int64_t> last;
  EventCursor cursor;
  for (const Event& event : seen) {
    EXPECT_GT(event.cursor, cursor);
    cursor = event.cursor;
    EXPECT_EQ(event.number, ++last[event.job_id]) << event.job_id;
  }
}

constexpr int kWriters = 16;
constexpr int kReaders = 4;
constexpr int kUpdates = 12;

/// Submits a job and changes it, with one event first and two for each change.
void write_events(Store& store, const std::string& id) {
  JobSubmission submission{.jobs = {waiting_job(id, 1)}};
  std::array<Event, 1> first{event("status", "{}", at(1))};
  first[0].job_id = id;
  store.jobs().submit(submission, first, {});
  Job job = submission.jobs[0];
  for (int i = 0; i < kUpdates; ++i) {
    job.progress = i;
    const std::array<Event, 2> events{event("progress", "{}", at(i)),
                                      event("segment", "{}", at(i))};
    if (!store.jobs().update(job, events)) throw std::runtime_error("the job has been changed");
  }
}

TEST_P(EventLogContract, ReadersMissNothingOfManyWriters) {
  create(waiting_job("job_before", 1));
  const EventCursor start = store_->events().last_cursor();
  const auto writers = handles(kWriters);
  const auto readers = handles(kReaders);
  std::atomic<bool> over = false;
  std::vector<std::vector<Event>> seen(kReaders);
  std::vector<std::jthread> reading;
  for (size_t i = 0; i < kReaders; ++i) {
    reading.emplace_back([&, i] { seen[i] = follow(readers[i]->events(), start, over); });
  }
  {
    std::vector<std::jthread> writing;
    for (size_t i = 0; i < kWriters; ++i) {
      writing.emplace_back([&, i] { write_events(*writers[i], "job_" + std::to_string(i)); });
    }
  }
  over = true;
  reading.clear();
  for (const auto& events : seen) expect_complete(events, kWriters * (1 + 2 * kUpdates));
}

TEST_P(EventLogContract, ACursorIsNeverGivenAgain) {
  EXPECT_EQ(store_->events().last_cursor(), EventCursor());
  create(waiting_job("job_1", 1));
  const EventCursor before = store_->events().last_cursor();
  end_and_erase(jobs(), "job_1");
  create(waiting_job("job_2", 1));
  EXPECT_GT(store_->events().last_cursor(), before);
}

}  // namespace
}  // namespace steno
