#include "pipeline/words/scheduler.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <mutex>
#include <thread>

namespace steno {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Windows = std::span<const asr::WindowRequest>;

/// A window that is identified by its number.
asr::WindowRequest window(int number) { return {{static_cast<float>(number)}, "en", false}; }

int number_of(const asr::WindowRequest& window) { return static_cast<int>(window.samples[0]); }

/// The language of each result is the window's number.
std::vector<asr::WindowResult> numbered_results(Windows windows) {
  std::vector<asr::WindowResult> results;
  for (const auto& window : windows) {
    results.push_back({{}, std::to_string(number_of(window)), 1, {}});
  }
  return results;
}

std::vector<std::string> take_all(Scheduler::Lane& lane) {
  std::vector<std::string> numbers;
  while (const auto result = lane.next()) numbers.push_back(result->language);
  return numbers;
}

/// The batches that a scheduler decoded.
struct Log {
  void add(Windows windows) {
    std::lock_guard lock(mutex);
    batches.emplace_back();
    for (const auto& window : windows) batches.back().push_back(number_of(window));
  }
  std::mutex mutex;
  std::vector<std::vector<int>> batches;
};

/// Keeps a replica busy until it is released.
class Hold {
 public:
  void wait() { gate_.wait(); }
  void let_go() { gate_.count_down(); }

 private:
  std::latch gate_{1};
};

TEST(Scheduler, GivesResultsInTheOrderOfTheWindows) {
  Scheduler scheduler(4, 2, [](Windows windows, auto&, auto) {
    std::this_thread::sleep_for((number_of(windows[0]) * 7 % 5) * 1ms);
    return numbered_results(windows);
  });
  std::vector<std::future<std::vector<std::string>>> calls;
  for (int call = 0; call < 5; ++call) {
    calls.push_back(std::async(std::launch::async, [&, call] {
      const auto lane = scheduler.open({}, {});
      std::jthread submitting([&] {
        for (int i = 0; i < 50; ++i) lane->submit(window(call * 100 + i));
        lane->finish();
      });
      return take_all(*lane);
    }));
  }
  for (int call = 0; call < 5; ++call) {
    std::vector<std::string> expected;
    for (int i = 0; i < 50; ++i) expected.push_back(std::to_string(call * 100 + i));
    EXPECT_EQ(calls[call].get(), expected);
  }
}

TEST(Scheduler, DoesNotHoldUpAShortCallByALongOne) {
  std::atomic<int> decoded = 0;
  Scheduler scheduler(1, 1, [&](Windows windows, auto&, auto) {
    std::this_thread::sleep_for(2ms);
    ++decoded;
    return numbered_results(windows);
  });
  const auto long_call = scheduler.open({}, {});
  std::jthread submitting([&] {
    for (int i = 0; i < 200; ++i) long_call->submit(window(i));
    long_call->finish();
  });
  long_call->next();  // the call has started, and its windows are waiting
  const auto short_call = scheduler.open({}, {});
  const int before = decoded;
  short_call->submit(window(1000));
  short_call->finish();
  EXPECT_THAT(take_all(*short_call), testing::ElementsAre("1000"));
  // The current windows, perhaps one that had just been selected, and its own.
  EXPECT_LE(decoded - before, 4);
  long_call->stop();
}

TEST(Scheduler, TakesOneWindowAtOnceAndAFullBatchWhenThereIsOne) {
  Log log;
  Hold hold;
  Scheduler scheduler(1, 4, [&](Windows windows, auto&, auto) {
    log.add(windows);
    if (number_of(windows[0]) == 0) hold.wait();
    return numbered_results(windows);
  });
  const auto lane = scheduler.open({}, {});
  lane->submit(window(0));
  while (true) {
    std::lock_guard lock(log.mutex);
    if (!log.batches.empty()) break;
  }
  for (int i = 1; i <= 6; ++i) lane->submit(window(i));
  lane->finish();
  hold.let_go();
  take_all(*lane);
  EXPECT_THAT(log.batches,
              testing::ElementsAre(testing::ElementsAre(0), testing::ElementsAre(1, 2, 3, 4),
                                   testing::ElementsAre(5, 6)));
}

TEST(Scheduler, LeavesIdleReplicasTheirShare) {
  std::latch both(2);
  std::atomic<int> calls = 0;
  Scheduler scheduler(2, 8, [&](Windows windows, auto&, auto) {
    if (++calls <= 2) both.arrive_and_wait();  // hangs unless two replicas are working
    return numbered_results(windows);
  });
  const auto lane = scheduler.open({}, {});
  for (int i = 0; i < 4; ++i) lane->submit(window(i));
  lane->finish();
  EXPECT_EQ(take_all(*lane).size(), 4u);
}

TEST(Scheduler, SharesTheLastWindowsAmongAllReplicas) {
  Log log;
  std::latch both(3);
  Hold second;
  Scheduler scheduler(2, 3, [&](Windows windows, auto&, auto) {
    log.add(windows);
    if (number_of(windows[0]) <= 1) both.arrive_and_wait();
    if (number_of(windows[0]) == 1) second.wait();
    return numbered_results(windows);
  });
  const auto lane = scheduler.open({}, {});
  for (int i = 0; i < 5; ++i) {
    lane->submit(window(i));
    // Each replica gets one window before any gets a second.
    while (i < 2) {
      std::lock_guard lock(log.mutex);
      if (log.batches.size() == static_cast<size_t>(i) + 1) break;
    }
  }
  lane->finish();
  both.count_down();
  while (true) {
    std::lock_guard lock(log.mutex);
    if (log.batches.size() >= 3) break;
  }
  second.let_go();
  EXPECT_EQ(take_all(*lane).size(), 5u);
  EXPECT_THAT(log.batches[2], testing::ElementsAre(2, 3));
}

TEST(Scheduler, MixesCallsInABatchOnlyWhenTheirOptionsAreEqual) {
  Log log;
  Hold hold;
  Scheduler scheduler(1, 8, [&](Windows windows, auto&, auto) {
    log.add(windows);
    if (number_of(windows[0]) == 0) hold.wait();
    return numbered_results(windows);
  });
  TranscribeOptions other;
  other.beam_size = 1;
  const auto blocking = scheduler.open(other, {});
  blocking->submit(window(0));
  while (true) {
    std::lock_guard lock(log.mutex);
    if (!log.batches.empty()) break;
  }
  const auto a = scheduler.open({}, {});
  const auto b = scheduler.open({}, {});
  const auto c = scheduler.open(other, {});
  for (int i = 1; i <= 2; ++i) {
    a->submit(window(10 + i));
    b->submit(window(20 + i));
    c->submit(window(30 + i));
  }
  for (auto* lane : {a.get(), b.get(), c.get()}) lane->finish();
  hold.let_go();
  EXPECT_THAT(take_all(*a), testing::ElementsAre("11", "12"));
  EXPECT_THAT(take_all(*b), testing::ElementsAre("21", "22"));
  EXPECT_THAT(take_all(*c), testing::ElementsAre("31", "32"));
  EXPECT_THAT(log.batches,
              testing::ElementsAre(testing::ElementsAre(0), testing::ElementsAre(11, 12, 21, 22),
                                   testing::ElementsAre(31, 32)));
}

TEST(Scheduler, EndsACancelledCallThoughItsWindowIsInTheModel) {
  Hold hold;
  std::latch in_model(1);
  Scheduler scheduler(1, 1, [&](Windows windows, auto&, auto) {
    in_model.count_down();
    hold.wait();  // a model that ignores the stop
    return numbered_results(windows);
  });
  std::stop_source stop;
  const auto begin = Clock::now();
  {
    const auto lane = scheduler.open({}, stop.get_token());
    lane->submit(window(0));
    in_model.wait();
    std::jthread cancelling([&] { stop.request_stop(); });
    EXPECT_EQ(lane->next(), std::nullopt);
    EXPECT_FALSE(lane->submit(window(1)));
    EXPECT_FALSE(lane->run([](auto) {}));
  }
  EXPECT_LT(Clock::now() - begin, 1s);
  hold.let_go();
}

TEST(Scheduler, StopsTheModelOnlyIfNoCallWaitsForTheBatch) {
  Hold hold;
  std::latch in_model(1);
  std::atomic<bool> stopped_early = false, stopped = false;
  std::stop_source stop_a, stop_b;
  std::latch asked(1);
  Scheduler scheduler(1, 2, [&](Windows windows, auto&, std::stop_token stop) {
    if (number_of(windows[0]) == 0) {
      in_model.count_down();
      hold.wait();
      return numbered_results(windows);
    }
    EXPECT_EQ(windows.size(), 2u);
    stop_a.request_stop();
    stopped_early = stop.stop_requested();
    stop_b.request_stop();
    stopped = stop.stop_requested();
    asked.count_down();
    return numbered_results(windows);
  });
  const auto blocking = scheduler.open({}, {});
  blocking->submit(window(0));
  in_model.wait();
  const auto a = scheduler.open({}, stop_a.get_token());
  const auto b = scheduler.open({}, stop_b.get_token());
  a->submit(window(1));
  b->submit(window(2));
  hold.let_go();
  asked.wait();
  EXPECT_FALSE(stopped_early);
  EXPECT_TRUE(stopped);
}

TEST(Scheduler, FailsOnlyTheCallWhoseWindowTheModelCannotDo) {
  Hold hold;
  std::latch in_model(1);
  Scheduler scheduler(1, 4, [&](Windows windows, auto&, auto) {
    for (const auto& window : windows) {
      if (number_of(window) == 0) {
        in_model.count_down();
        hold.wait();
      }
      if (number_of(window) == 13) throw std::runtime_error("out of memory");
    }
    return numbered_results(windows);
  });
  const auto blocking = scheduler.open({}, {});
  blocking->submit(window(0));
  in_model.wait();
  const auto good = scheduler.open({}, {});
  const auto bad = scheduler.open({}, {});
  good->submit(window(1));
  bad->submit(window(13));
  good->submit(window(2));
  good->finish();
  bad->finish();
  hold.let_go();
  EXPECT_THROW(take_all(*bad), std::runtime_error);
  EXPECT_THAT(take_all(*good), testing::ElementsAre("1", "2"));
  EXPECT_FALSE(bad->submit(window(3)));
}

TEST(Scheduler, KeepsFewWindowsOnTheirWay) {
  Hold hold;
  Scheduler scheduler(2, 1, [&](Windows windows, auto&, auto) {
    hold.wait();
    return numbered_results(windows);
  });
  const auto lane = scheduler.open({}, {});
  std::atomic<int> submitted = 0;
  std::jthread submitting([&] {
    for (int i = 0; i < 100; ++i) {
      if (lane->submit(window(i))) ++submitted;
    }
    lane->finish();
  });
  std::this_thread::sleep_for(50ms);
  EXPECT_LE(submitted, 8);
  EXPECT_GE(submitted, 4);
  hold.let_go();
  EXPECT_EQ(take_all(*lane).size(), 100u);
}

TEST(Scheduler, RunsTasksInTurnWithWindows) {
  Scheduler scheduler(1, 4, [](Windows windows, auto&, auto) {
    std::this_thread::sleep_for(1ms);
    return numbered_results(windows);
  });
  const auto busy = scheduler.open({}, {});
  std::jthread submitting([&] {
    while (busy->submit(window(0))) {
    }
  });
  std::jthread taking([&] { take_all(*busy); });
  const auto lane = scheduler.open({}, {});
  int ran = 0;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(lane->run([&](std::stop_token) { ++ran; }));
  }
  EXPECT_EQ(ran, 20);
  const auto failing = scheduler.open({}, {});
  EXPECT_THROW(failing->run([](auto) { throw std::runtime_error("no"); }), std::runtime_error);
  busy->stop();
}

TEST(Scheduler, ForgetsTheWindowsOfALaneThatIsGone) {
  Log log;
  Hold hold;
  {
    Scheduler scheduler(1, 1, [&](Windows windows, auto&, auto) {
      log.add(windows);
      hold.wait();
      return numbered_results(windows);
    });
    {
      const auto lane = scheduler.open({}, {});
      for (int i = 0; i < 8; ++i) lane->submit(window(i));
      while (true) {
        std::lock_guard lock(log.mutex);
        if (!log.batches.empty()) break;
      }
    }
    hold.let_go();
  }
  EXPECT_THAT(log.batches, testing::ElementsAre(testing::ElementsAre(0)));
}

TEST(Scheduler, KeepsThePlacesOfWindowsWhoseResultsAreKnown) {
  std::mutex mutex;
  std::vector<std::string> computed;
  Scheduler scheduler(2, 2, [](Windows windows, auto&, auto) { return numbered_results(windows); });
  const auto lane = scheduler.open({}, {});
  std::jthread submitting([&] {
    for (int i = 0; i < 60; ++i) {
      if (i % 3 == 0) {
        lane->submit(asr::WindowResult{{}, std::to_string(i), 1, {}});
      } else {
        lane->submit(window(i), [&](const asr::WindowResult& result) {
          const std::lock_guard lock(mutex);
          computed.push_back(result.language);
        });
      }
    }
    lane->finish();
  });
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) expected.push_back(std::to_string(i));
  EXPECT_EQ(take_all(*lane), expected);
  std::erase_if(expected, [](const std::string& number) { return std::stoi(number) % 3 == 0; });
  EXPECT_THAT(computed, testing::UnorderedElementsAreArray(expected));
}

/// A search that is stopped returns no valid result.
TEST(Scheduler, ReportsNoResultOfAStoppedSearch) {
  std::latch started(1);
  std::atomic<int> reported = 0;
  std::atomic<int> ended = 0;
  {
    Scheduler scheduler(1, 1, [&](Windows windows, auto&, std::stop_token stop) {
      started.count_down();
      while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
      ++ended;
      return numbered_results(windows);
    });
    const auto lane = scheduler.open({}, {});
    lane->submit(window(1), [&](const asr::WindowResult&) { ++reported; });
    started.wait();
    lane->stop();
    EXPECT_FALSE(lane->next());
  }
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(reported, 0);
}

TEST(Scheduler, KeepsNoMoreWindowsInFlightThanALaneAllows) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  Scheduler scheduler(4, 3, [&](Windows windows, auto&, auto) {
    running += static_cast<int>(windows.size());
    most = std::max<int>(most, running);
    std::this_thread::sleep_for(2ms);
    running -= static_cast<int>(windows.size());
    return numbered_results(windows);
  });
  const auto lane = scheduler.open({}, {}, 1);
  std::jthread submitting([&] {
    for (int i = 0; i < 10; ++i) lane->submit(window(i));
    lane->finish();
  });
  EXPECT_THAT(take_all(*lane), testing::SizeIs(10));
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace steno
