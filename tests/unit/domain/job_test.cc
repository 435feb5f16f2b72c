#include "domain/job.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace steno {
namespace {

constexpr State kStates[] = {State::pending, State::processing, State::completed, State::failed,
                             State::cancelled};

TEST(JobState, MovesOnlyAsTheTableSays) {
  using enum State;
  const std::set<std::pair<State, State>> allowed = {
      {pending, processing},   {pending, cancelled}, {pending, failed},       {processing, pending},
      {processing, completed}, {processing, failed}, {processing, cancelled}, {failed, pending}};
  for (const State from : kStates) {
    for (const State to : kStates) {
      EXPECT_EQ(may_move(from, to), allowed.contains({from, to}))
          << to_string(from) << " -> " << to_string(to);
    }
  }
}

TEST(JobState, HasANameThatCanBeReadAgain) {
  for (const State state : kStates) EXPECT_EQ(parse_state(to_string(state)), state);
  EXPECT_FALSE(parse_state("done"));
}

TEST(JobState, IsFinalOnceTheJobHasEnded) {
  EXPECT_FALSE(is_final(State::pending));
  EXPECT_FALSE(is_final(State::processing));
  EXPECT_TRUE(is_final(State::completed));
  EXPECT_TRUE(is_final(State::failed));
  EXPECT_TRUE(is_final(State::cancelled));
}

}  // namespace
}  // namespace steno
