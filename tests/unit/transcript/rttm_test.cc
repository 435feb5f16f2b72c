#include "transcript/rttm.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(Rttm, HasALineForEachTurn) {
  Transcript transcript;
  transcript.speakers = {{"SPEAKER_00", 1}, {"Dana Levi", 2}};
  transcript.turns = {{0.25, 1.5, 0}, {1, 3661.0004, 1}};
  EXPECT_EQ(to_rttm(transcript, "team call"),
            "SPEAKER team_call 1 0.250 1.250 <NA> <NA> SPEAKER_00 <NA> <NA>\n"
            "SPEAKER team_call 1 1.000 3660.000 <NA> <NA> Dana_Levi <NA> <NA>\n");
  EXPECT_EQ(to_rttm(Transcript(), "a"), "");
}

}  // namespace
}  // namespace steno
