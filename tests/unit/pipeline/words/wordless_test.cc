#include "pipeline/words/wordless.h"

#include <gmock/gmock.h>

#include <cmath>

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A tone of this level in dBFS (peak), on an offset.
std::vector<float> tone(double seconds, double level, float offset = 0) {
  std::vector<float> samples(static_cast<size_t>(seconds * 16000));
  const double amplitude = std::pow(10, level / 20);
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = offset + static_cast<float>(amplitude * std::sin(0.2 * static_cast<double>(i)));
  }
  return samples;
}

/// 10 s each of loud, quiet and very quiet sound, then as much loud sound.
WordlessSound four_levels() {
  WordlessSound sound(1, clips_of({}));
  for (const double level : {-20, -45, -90, -20}) sound.push(0, tone(10, level));
  return sound;
}

std::vector<TimeRange> ranges(double begin, double end) { return {{begin, end}}; }

TEST(WordlessSound, NamesAllSoundOfARecordingWithoutWords) {
  EXPECT_THAT(four_levels().warnings("a.wav"),
              ElementsAre("a.wav: sound without words, not recognised as speech, 0:00.0 to 0:20.0, "
                          "0:30.0 to 0:40.0"));
}

TEST(WordlessSound, SilenceIsNotNamedNorIsAnOffset) {
  WordlessSound sound(1, clips_of({}));
  sound.push(0, std::vector<float>(160'000, 0.1F));
  sound.push(0, tone(10, -90, 0.3F));
  EXPECT_THAT(sound.warnings("a.wav"), IsEmpty());
}

TEST(WordlessSound, InARecordingWithWordsBackgroundIsNotNamed) {
  WordlessSound sound = four_levels();
  sound.add_words(0, ranges(0, 8));
  EXPECT_THAT(sound.warnings(""),
              ElementsAre("sound without words, not recognised as speech, 0:30.0 to 0:40.0"));
  sound.add_words(0, ranges(34.2, 40));  // the rest is too short
  EXPECT_THAT(sound.warnings(""), IsEmpty());
}

TEST(WordlessSound, NamesSpeechWithoutWordsOfAnyLevel) {
  WordlessSound sound = four_levels();
  sound.add_words(0, ranges(0, 10));
  sound.add_wordless(0, ranges(21, 24));
  sound.add_wordless(0, ranges(24.5, 26));  // the same
  sound.add_wordless(0, ranges(28, 28.5));  // too short
  sound.add_wordless(0, ranges(30, 40));
  EXPECT_THAT(sound.warnings("a"),
              ElementsAre("a: speech without words, 0:21.0 to 0:26.0, 0:30.0 to 0:40.0"));
}

TEST(WordlessSound, EachChannelIsNamed) {
  WordlessSound sound(2, clips_of({}));
  for (const int channel : {0, 1}) sound.push(channel, tone(10, -20));
  sound.add_words(0, ranges(0, 10));
  sound.add_wordless(1, ranges(1, 3));
  EXPECT_THAT(sound.warnings(""), ElementsAre("speech without words on channel 1, 0:01.0 to 0:03.0",
                                              "sound without words, not recognised as speech on "
                                              "channel 1, 0:03.0 to 0:10.0"));
}

TEST(WordlessSound, OnlyChosenClipsCount) {
  WordlessSound sound(1, clips_of({2, 4, 8}));
  sound.push(0, tone(10, -20));
  EXPECT_THAT(sound.warnings(""),
              ElementsAre("sound without words, not recognised as speech, 0:02.0 to 0:04.0, "
                          "0:08.0 to 0:10.0"));
}

TEST(WordlessSound, AListIsNotEndless) {
  WordlessSound sound(1, clips_of({}));
  for (int i = 0; i < 30; ++i) sound.add_wordless(0, ranges(10 * i, 10 * i + 3));
  ASSERT_EQ(sound.warnings("").size(), 1U);
  EXPECT_THAT(sound.warnings("")[0], testing::EndsWith("3:10.0 to 3:13.0 and 10 more"));
}

}  // namespace
}  // namespace steno
