#include "app/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steno::app {
namespace {

using testing::ElementsAre;

std::vector<std::string> normalised(std::vector<const char*> arguments) {
  const std::vector<std::string> flags = {"--vad-filter"};
  return normalised_arguments(arguments, flags);
}

TEST(Arguments, TakesUnderscoresForDashesInNamesOnly) {
  EXPECT_THAT(normalised({"--beam_size", "5", "--initial_prompt=a_b", "my_file.mp3"}),
              ElementsAre("--beam-size", "5", "--initial-prompt=a_b", "my_file.mp3"));
}

TEST(Arguments, JoinsAFlagWithItsWord) {
  EXPECT_THAT(normalised({"--vad_filter", "False", "a.mp3"}),
              ElementsAre("--vad-filter=False", "a.mp3"));
  EXPECT_THAT(normalised({"--vad_filter", "a.mp3"}), ElementsAre("--vad-filter", "a.mp3"));
  EXPECT_THAT(normalised({"--beam_size", "True"}), ElementsAre("--beam-size", "True"));
  EXPECT_THAT(normalised({"True"}), ElementsAre("True"));
}

TEST(Arguments, SpellsSequentialOut) {
  EXPECT_THAT(normalised({"--sequential", "--sequential=false", "--sequential=maybe"}),
              ElementsAre("--decoding=sequential", "--decoding=batched", "--sequential=maybe"));
  EXPECT_THAT(normalised({"--", "--sequential"}), ElementsAre("--", "--sequential"));
}

TEST(Arguments, TheAddressOfAServerMayBeLeftOut) {
  EXPECT_THAT(normalised({"--server", "http://host", "a.mp3"}),
              ElementsAre("--server", "http://host", "a.mp3"));
  EXPECT_THAT(normalised({"--server", "localhost:8080", "a.mp3"}),
              ElementsAre("--server", "localhost:8080", "a.mp3"));
  EXPECT_THAT(normalised({"--server", "a.mp3"}), ElementsAre("--server", "", "a.mp3"));
  EXPECT_THAT(normalised({"--server", "a:b.mp3"}), ElementsAre("--server", "", "a:b.mp3"));
  EXPECT_THAT(normalised({"a.mp3", "--server"}), ElementsAre("a.mp3", "--server", ""));
  EXPECT_THAT(normalised({"--server", "--", "--server"}),
              ElementsAre("--server", "", "--", "--server"));
}

TEST(Arguments, LeavesWhatFollowsTwoDashes) {
  EXPECT_THAT(normalised({"--", "--a_b", "True"}), ElementsAre("--", "--a_b", "True"));
}

}  // namespace
}  // namespace steno::app
