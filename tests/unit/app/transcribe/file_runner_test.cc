#include "app/transcribe/file_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace steno::app {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

class Recorder : public RunObserver {
 public:
  void started(size_t input) override { order.push_back(input); }
  void segment(size_t input, const Segment& segment) override {
    segments[input].push_back(segment.text);
  }
  void progress(size_t, const FileProgress& progress) override { last_progress = progress.done; }
  void finished(size_t input, Result<Transcript> result) override {
    results.emplace(input, std::move(result));
  }

  std::vector<size_t> order;
  std::map<size_t, std::vector<std::string>> segments;
  std::map<size_t, Result<Transcript>> results;
  double last_progress = 0;
};

Segment segment_of(std::string text) {
  Segment segment;
  segment.text = std::move(text);
  return segment;
}

TEST(FileRunner, ReportsEveryInput) {
  FileRunner runner(
      [](size_t input, const JobEvents& events, std::stop_token) -> Result<Transcript> {
        events.segment(segment_of("one"));
        events.segment(segment_of("two"));
        events.progress({5, 10});
        if (input == 1) return fail(Errc::bad_audio, "b: not audio");
        if (input == 2) throw std::runtime_error("no memory");
        Transcript transcript;
        transcript.language = std::to_string(input);
        return transcript;
      },
      3);
  Recorder seen;
  EXPECT_TRUE(runner.run(4, seen, {}, 1s));
  EXPECT_THAT(seen.order, testing::UnorderedElementsAre(0, 1, 2, 3));
  ASSERT_EQ(seen.results.size(), 4u);
  EXPECT_EQ(seen.results.at(0)->language, "0");
  EXPECT_EQ(seen.results.at(1).error().message, "b: not audio");
  EXPECT_EQ(seen.results.at(2).error().message, "no memory");
  EXPECT_THAT(seen.segments[3], ElementsAre("one", "two"));
  EXPECT_EQ(seen.last_progress, 5);
}

TEST(FileRunner, RunsThatManyAtOnceAndNoMore) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  FileRunner runner(
      [&](size_t, const JobEvents&, std::stop_token) -> Result<Transcript> {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(30ms);
        --running;
        return Transcript();
      },
      3);
  Recorder seen;
  EXPECT_TRUE(runner.run(9, seen, {}, 1s));
  EXPECT_EQ(most, 3);
}

TEST(FileRunner, StopReachesTheJobsAndStartsNoMore) {
  std::stop_source stop;
  FileRunner runner(
      [&](size_t input, const JobEvents& events, std::stop_token token) -> Result<Transcript> {
        if (input == 0) return Transcript();
        events.segment(segment_of("so far"));
        stop.request_stop();
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait(lock, token, [] { return false; });
        return fail(Errc::cancelled, "cancelled");
      },
      1);
  Recorder seen;
  EXPECT_TRUE(runner.run(3, seen, stop.get_token(), 10s));
  EXPECT_THAT(seen.order, ElementsAre(0, 1));
  EXPECT_TRUE(seen.results.at(0));
  EXPECT_EQ(seen.results.at(1).error().code, Errc::cancelled);
  EXPECT_THAT(seen.segments[1], ElementsAre("so far"));
}

TEST(FileRunner, AbandonsAJobThatIgnoresTheStop) {
  std::stop_source stop;
  // Must live until the job has ended, which is after the runner has ended.
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  bool all_ended = true;
  const auto start = std::chrono::steady_clock::now();
  {
    FileRunner runner(
        [release, ended, &stop](size_t, const JobEvents&, std::stop_token) -> Result<Transcript> {
          stop.request_stop();
          while (!*release) std::this_thread::sleep_for(1ms);
          *ended = true;
          return Transcript();
        },
        1);
    Recorder seen;
    all_ended = runner.run(1, seen, stop.get_token(), 100ms);
  }
  EXPECT_FALSE(all_ended);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  *release = true;
  while (!*ended) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);  // lets the thread release the shared state
}

TEST(FileRunner, NoInputsIsNoWork) {
  FileRunner runner([](size_t, const JobEvents&, std::stop_token) { return Transcript(); }, 2);
  Recorder seen;
  EXPECT_TRUE(runner.run(0, seen, {}, 1s));
  EXPECT_TRUE(seen.order.empty());
}

}  // namespace
}  // namespace steno::app
