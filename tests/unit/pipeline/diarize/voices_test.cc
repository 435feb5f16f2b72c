#include "pipeline/diarize/voices.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/pipeline/diarize/conversation.h"

namespace steno::diarize {
namespace {

TEST(Voices, ComeBackFromTheirBytes) {
  const Voices voices = Conversation{{{0, 5, 0}, {5, 9, 1}}, 12}.voices();
  const std::string bytes = to_bytes(voices);
  const auto again = voices_from(bytes);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->samples, voices.samples);
  EXPECT_EQ(again->windows.size(), voices.windows.size());
  EXPECT_EQ(again->excerpts.size(), voices.excerpts.size());
  EXPECT_EQ(to_bytes(*again), bytes);
  EXPECT_TRUE(voices_from(to_bytes({})));
}

TEST(Voices, AreNotReadFromOtherBytes) {
  Voices voices = Conversation{{{0, 5, 0}, {5, 9, 1}}, 12}.voices();
  const std::string bytes = to_bytes(voices);
  for (size_t length = 0; length < bytes.size(); length += 97) {
    EXPECT_FALSE(voices_from(bytes.substr(0, length))) << length;
  }
  EXPECT_FALSE(voices_from(bytes + "x"));
  EXPECT_FALSE(voices_from("x" + bytes.substr(1)));
  std::string huge = bytes;
  huge.replace(16 + 8, 8, 8, '\xff');  // the number of windows
  EXPECT_FALSE(voices_from(huge));
  Voices odd = voices;
  odd.excerpts.back().embedding[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(voices_from(to_bytes(odd)));
  odd = voices;
  odd.excerpts.back().seconds = -1;
  EXPECT_FALSE(voices_from(to_bytes(odd)));
  voices.excerpts.back().end = 1 << 30;
  EXPECT_FALSE(voices_from(to_bytes(voices)));
}

}  // namespace
}  // namespace steno::diarize
