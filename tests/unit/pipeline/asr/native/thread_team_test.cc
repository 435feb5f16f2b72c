#include "pipeline/asr/native/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>

namespace steno::asr::native {
namespace {

TEST(ThreadTeam, CallsEachPieceOnce) {
  ThreadTeam team(3);
  for (const int width : {1, 2, 4, 9}) {
    std::vector<std::atomic<int>> calls(50);
    team.run(50, width, [&](int i) { ++calls[i]; });
    for (const auto& count : calls) EXPECT_EQ(count, 1);
  }
}

TEST(ThreadTeam, GivesBackWhatTheCallersPieceThrows) {
  ThreadTeam team(0);
  EXPECT_THROW(team.run(5, 4, [](int) { throw std::bad_alloc(); }), std::bad_alloc);
}

TEST(ThreadTeam, GivesBackWhatAHelpersPieceThrows) {
  ThreadTeam team(1);
  const auto caller = std::this_thread::get_id();
  std::latch both(2);
  try {
    team.run(2, 2, [&](int) {
      both.arrive_and_wait();
      if (std::this_thread::get_id() != caller) throw std::runtime_error("no memory");
    });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()), "no memory");
  }
}

TEST(ThreadTeam, WorksOnAfterAFailure) {
  ThreadTeam team(2);
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(team.run(30, 3,
                          [&](int i) {
                            if (i % 7 == round % 7) throw std::runtime_error("no memory");
                          }),
                 std::runtime_error);
    std::atomic<int> calls = 0;
    team.run(30, 3, [&](int) { ++calls; });
    EXPECT_EQ(calls, 30);
  }
}

}  // namespace
}  // namespace steno::asr::native
