#include <gmock/gmock.h>

#include <set>

#include "pipeline/diarize/diarize.h"
#include "unit/pipeline/diarize/conversation.h"

namespace steno::diarize {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kTolerance = 0.05;  // seconds, three frames

/// Speakers one after the other, `count` times, each for `length` seconds.
Conversation rounds(int speakers, double length, int count, double first = 0) {
  Conversation conversation;
  double at = first;
  for (int i = 0; i < count * speakers; ++i, at += length) {
    conversation.turns.push_back({at, at + length, i % speakers});
  }
  conversation.seconds = at;
  return conversation;
}

void expect_turns(const std::vector<Turn>& found, const std::vector<Turn>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].start, expected[i].start, kTolerance) << i;
    EXPECT_NEAR(found[i].end, expected[i].end, kTolerance) << i;
    EXPECT_EQ(found[i].speaker, expected[i].speaker) << i;
  }
}

/// Share of the speech that is assigned to a wrong speaker.
double wrong(const Conversation& conversation, const Speakers& found) {
  int frames = 0;
  int bad = 0;
  for (double at = 0; at < conversation.seconds; at += 0.02) {
    const auto talking = [at](const std::vector<Turn>& turns) {
      std::set<int> speakers;
      for (const Turn& turn : turns) {
        if (turn.start <= at && at < turn.end) speakers.insert(turn.speaker);
      }
      return speakers;
    };
    ++frames;
    bad += talking(conversation.turns) != talking(found.turns) ? 1 : 0;
  }
  return static_cast<double>(bad) / frames;
}

TEST(Speakers, AreFoundInTheOrderOfTheirTurns) {
  const Conversation conversation{{{1, 7, 0}, {7.5, 14, 1}, {15, 20, 0}, {21, 30, 2}, {31, 40, 1}},
                                  42};
  const auto found = find_speakers(conversation.voices(), {});
  EXPECT_THAT(found.names, ElementsAre("SPEAKER_00", "SPEAKER_01", "SPEAKER_02"));
  expect_turns(found.turns, conversation.turns);
}

TEST(Speakers, MayTalkAtOnce) {
  const Conversation conversation{{{1, 9, 0}, {7, 15, 1}, {16, 24, 0}, {17, 19, 1}}, 25};
  expect_turns(find_speakers(conversation.voices(), {}).turns, conversation.turns);
}

TEST(Speakers, AreOneWhereOneTalks) {
  const Conversation conversation{{{0.5, 20, 0}, {22, 29, 0}}, 30};
  const auto found = find_speakers(conversation.voices(), {});
  EXPECT_THAT(found.names, ElementsAre("SPEAKER_00"));
  expect_turns(found.turns, conversation.turns);
}

TEST(Speakers, AreFoundDespiteTooLittleSpeech) {
  const Conversation conversation{{{3, 3.3, 0}}, 6};
  const auto voices = conversation.voices();
  EXPECT_THAT(voices.excerpts, IsEmpty());
  expect_turns(find_speakers(voices, {}).turns, conversation.turns);
}

TEST(Speakers, AreNoneInSilence) {
  EXPECT_THAT(find_speakers({}, {}).turns, IsEmpty());
  const auto found = find_speakers(Conversation{{}, 30}.voices(), {});
  EXPECT_THAT(found.turns, IsEmpty());
  EXPECT_THAT(found.names, IsEmpty());
}

TEST(Speakers, AreTwentyWhereTwentyTalk) {
  const auto conversation = rounds(20, 4, 2);
  const auto found = find_speakers(conversation.voices(), {});
  EXPECT_EQ(found.names.size(), 20u);
  EXPECT_LT(wrong(conversation, found), 0.03);
}

TEST(Speakers, HaveTurnsOfHalfASecond) {
  Conversation conversation = rounds(2, 5, 2);
  double at = conversation.seconds;
  for (int i = 0; i < 8; ++i, at += 0.5) conversation.turns.push_back({at, at + 0.5, i % 2});
  conversation.seconds = at;
  const auto found = find_speakers(conversation.voices(), {});
  EXPECT_EQ(found.names.size(), 2u);
  EXPECT_LT(wrong(conversation, found), 0.05);
}

TEST(Speakers, AreAtMostAsManyAsAskedFor) {
  const auto voices = rounds(4, 5, 3).voices();
  SpeakerOptions options;
  for (int most = 1; most <= 6; ++most) {
    options.num_speakers = most;
    const auto expected = static_cast<size_t>(std::min(most, 4));
    EXPECT_EQ(find_speakers(voices, options).names.size(), expected);
    options.num_speakers.reset();
    options.max_speakers = most;
    EXPECT_EQ(find_speakers(voices, options).names.size(), expected);
    options.max_speakers.reset();
  }
}

TEST(Speakers, AreAtLeastAsManyAsAskedForWhereVoicesDiffer) {
  // Two voices that are too similar to be separated.
  auto conversation = rounds(2, 6, 4);
  conversation.noise = 0.2F;
  auto voices = conversation.voices();
  std::mt19937 random(1);
  for (Excerpt& excerpt : voices.excerpts) {
    const Embedding same = voice_number(50, 0, random);
    float length = 0;
    for (size_t i = 0; i < same.size(); ++i) {
      excerpt.embedding[i] = 0.7F * excerpt.embedding[i] + same[i];
      length += excerpt.embedding[i] * excerpt.embedding[i];
    }
    for (float& value : excerpt.embedding) value /= std::sqrt(length);
  }
  EXPECT_EQ(find_speakers(voices, {}).names.size(), 1u);
  SpeakerOptions options;
  options.min_speakers = 2;
  EXPECT_EQ(find_speakers(voices, options).names.size(), 2u);
}

TEST(Speakers, TakeKnownNames) {
  const auto voices = rounds(3, 5, 3).voices();
  std::mt19937 random(5);
  const std::vector<KnownVoice> known = {{"Nobody here", voice_number(9, 0.5F, random)},
                                         {"Ruth", voice_number(2, 0.2F, random)},
                                         {"Ruth's twin", voice_number(2, 1.2F, random)}};
  EXPECT_THAT(find_speakers(voices, {}, known).names,
              ElementsAre("SPEAKER_00", "SPEAKER_01", "Ruth"));
}

TEST(Speakers, DoNotDependOnTheNumbersOfLocalSpeakers) {
  auto conversation = rounds(3, 3.7, 5);
  const auto found = find_speakers(conversation.voices(), {});
  conversation.order = 1000;
  const auto again = find_speakers(conversation.voices(), {});
  EXPECT_EQ(found.names, again.names);
  expect_turns(again.turns, found.turns);
}

TEST(Speakers, ComeLaterBehindSilence) {
  const auto found = find_speakers(rounds(3, 4, 3).voices(), {});
  const double pause = 8 * kWindowHop * kFrameSeconds;
  auto later = find_speakers(rounds(3, 4, 3, pause).voices(), {});
  for (Turn& turn : later.turns) {
    turn.start -= pause;
    turn.end -= pause;
  }
  EXPECT_EQ(later.names, found.names);
  expect_turns(later.turns, found.turns);
}

TEST(Speakers, AreTheSameThroughoutALongRecording) {
  // More excerpts than are linked at once.
  const auto conversation = rounds(5, 6, 110);
  const auto voices = conversation.voices();
  EXPECT_GT(voices.excerpts.size(), 1000u);
  const auto found = find_speakers(voices, {});
  EXPECT_EQ(found.names.size(), 5u);
  EXPECT_LT(wrong(conversation, found), 0.03);
}

TEST(Speakers, HaveTurnsInOrderWithinTheRecording) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> length(0.05, 4);
  for (int round = 0; round < 20; ++round) {
    Conversation conversation;
    double at = 0;
    for (int i = 0; i < 25; ++i) {
      const double start = std::max(0.0, at - length(random) / 4);
      at = start + length(random);
      conversation.turns.push_back({start, at, static_cast<int>(random() % 4)});
    }
    conversation.seconds = at;
    const auto voices = conversation.voices();
    const auto found = find_speakers(voices, {});
    double before = 0;
    std::vector<double> end(found.names.size());
    for (const Turn& turn : found.turns) {
      EXPECT_GE(turn.start, before);
      EXPECT_GT(turn.end, turn.start);
      EXPECT_LE(turn.end, conversation.seconds + 1e-3);
      ASSERT_LT(static_cast<size_t>(turn.speaker), found.names.size());
      EXPECT_GE(turn.start, end[static_cast<size_t>(turn.speaker)]);
      end[static_cast<size_t>(turn.speaker)] = turn.end;
      before = turn.start;
    }
  }
}

TEST(VoiceOf, IsTheMeanOfTheCrops) {
  const auto voices = Conversation{{{0, 9, 3}}, 10}.voices();
  const auto voice = voice_of(voices);
  ASSERT_TRUE(voice) << voice.error().message;
  std::mt19937 random;
  const auto clean = voice_number(3, 0, random);
  EXPECT_GT(std::inner_product(clean.begin(), clean.end(), voice->begin(), 0.0F), 0.8F);
  EXPECT_FALSE(voice_of({}));
}

}  // namespace
}  // namespace steno::diarize
