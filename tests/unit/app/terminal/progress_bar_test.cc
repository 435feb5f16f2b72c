#include "app/terminal/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace steno::app {
namespace {

using testing::HasSubstr;
using testing::Not;

int columns(const std::string& text) {
  return static_cast<int>(
      std::ranges::count_if(text, [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
}

TEST(ProgressBar, ShowsAudioDoneSpeedAndTimeLeft) {
  const std::string line = bar_line({"talk.mp3", 2, 60, 240, 6}, 100);
  EXPECT_THAT(line, HasSubstr("talk.mp3"));
  EXPECT_THAT(line, HasSubstr("1:00 / 4:00"));
  EXPECT_THAT(line, HasSubstr("10.0x"));
  EXPECT_THAT(line, HasSubstr("0:18 left"));
  EXPECT_THAT(line, HasSubstr("+2"));
  EXPECT_THAT(line, HasSubstr("██████░"));
}

TEST(ProgressBar, CountsPercentWhereTheLengthIsNotKnown) {
  const std::string line = bar_line({"talk.mp3", 0, 25, 100, 10, ProgressUnit::percent}, 100);
  EXPECT_THAT(line, HasSubstr("25 %  0:30 left"));
  EXPECT_THAT(bar_line({"talk.mp3", 0, 25, 100, 0, ProgressUnit::percent}, 100),
              Not(HasSubstr("left")));
}

TEST(ProgressBar, SaysNoTimeLeftForAStream) {
  const std::string line = bar_line({"stdin", 0, 3700, std::nullopt, 10}, 100);
  EXPECT_THAT(line, HasSubstr("1:01:40  370.0x"));
  EXPECT_THAT(line, Not(HasSubstr("left")));
}

TEST(ProgressBar, FitsEveryWidth) {
  const std::string name = "הקלטה ארוכה מאוד של ישיבה/第三回会議の録音-2026.mp3";
  for (int width = 1; width < 200; ++width) {
    EXPECT_LE(columns(bar_line({name, 3, 60, 240, 6}, width)), width);
  }
}

TEST(ProgressBar, NameCannotCommandTheTerminal) {
  EXPECT_THAT(bar_line({"a\033[2Jb\n", 0, 1, 2, 1}, 100), Not(HasSubstr("\033")));
}

TEST(ProgressBar, DoneNeverExceedsTheLength) {
  EXPECT_THAT(bar_line({"a", 0, 300, 240, 6}, 100), HasSubstr("4:00 / 4:00"));
}

TEST(ProgressBar, DrawsNothingWhereThereIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  {
    ProgressBar bar(file, true);
    EXPECT_FALSE(bar.visible());
    bar.show({"a", 0, 1, 2, 1});
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace steno::app
