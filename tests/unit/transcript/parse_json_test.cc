#include <gtest/gtest.h>

#include <limits>

#include "transcript/json.h"

namespace steno {
namespace {

Transcript hebrew_transcript() {
  Transcript transcript;
  transcript.language = "he";
  transcript.language_probability = 0.987654;
  transcript.duration = 12.345;
  transcript.duration_after_vad = 10.5;
  transcript.model = "base";
  transcript.warnings = {"call.mp3: readable up to 4 s"};
  Segment first;
  first.start = 0.48;
  first.end = 2.16;
  first.text = " שלום, \"world\".";
  first.channel = 1;
  first.words = {{0.48, 1.0, " שלום,", 0.5}, {1.0, 2.16, " \"world\".", 0.25}};
  first.avg_logprob = -0.321;
  first.compression_ratio = 1.25;
  first.no_speech_prob = 0.01;
  first.temperature = 0.2;
  first.tokens = {50364, 11, 7};
  Segment second;
  second.id = 1;
  second.start = 3;
  second.end = 4;
  second.text = " Yes.";
  transcript.segments = {first, second};
  return transcript;
}

TEST(ParseTranscript, ReadsWhatWasWritten) {
  const std::string json = to_json(hebrew_transcript());
  const auto read = parse_transcript(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(read->segments[0].words[1].word, " \"world\".");
  EXPECT_EQ(read->segments[0].channel, 1);
  EXPECT_EQ(read->segments[1].channel, std::nullopt);
  EXPECT_EQ(read->segments[0].tokens, (std::vector<int>{50364, 11, 7}));
  EXPECT_DOUBLE_EQ(read->segments[0].avg_logprob, -0.321);
}

TEST(ParseTranscript, ReadsSpeakersAndWhatIsMadeOfThem) {
  Transcript transcript = hebrew_transcript();
  transcript.segments[0].speaker = "SPEAKER_00";
  transcript.segments[0].speakers = {"SPEAKER_00", "דנה"};
  transcript.segments[0].words[1].speaker = "דנה";
  transcript.speakers = {{"SPEAKER_00", 3.25}, {"דנה", 0.5}};
  transcript.turns = {{0.25, 3.5, 0}, {1.5, 2, 1}};
  transcript.utterances = {{0.48, 4, "SPEAKER_00", 1, {{0.48, 2.16, "Yes."}, {3, 4, "No."}}}};
  transcript.paragraphs = {{0.48, 2.16, "", std::nullopt, {{0.48, 2.16, "Yes."}}}};
  const std::string json = to_json(transcript);
  const auto read = parse_transcript(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(read->turns[1].speaker, 1);
  EXPECT_EQ(read->utterances[0].text(), "Yes. No.");
  EXPECT_EQ(read->segments[1].speaker, "");
}

TEST(ParseTranscript, ReadsAnEmptyOne) {
  const auto read = parse_transcript(to_json(Transcript()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->segments.empty());
  EXPECT_TRUE(read->warnings.empty());
}

TEST(ParseTranscript, ReadsANumberThatIsNoneAsZero) {
  Transcript transcript = hebrew_transcript();
  transcript.segments[0].avg_logprob = std::numeric_limits<double>::quiet_NaN();
  const auto read = parse_transcript(to_json(transcript));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->segments[0].avg_logprob, 0);
}

TEST(ParseTranscript, SegmentsMayLackWordsAndScores) {
  const auto read = parse_transcript(
      R"({"language":"en","language_probability":1,"duration":1,"duration_after_vad":1,"model":"m",
          "segments":[{"id":0,"start":0,"end":1,"text":" Yes."}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->segments[0].text, " Yes.");
  EXPECT_TRUE(read->segments[0].words.empty());
}

TEST(ParseTranscript, ReadsASegmentAlone) {
  const Segment segment = hebrew_transcript().segments[0];
  const auto read = parse_segment(to_json_line(segment));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json_line(*read), to_json_line(segment));
  EXPECT_EQ(parse_segment("{").error().code, Errc::invalid_argument);
}

TEST(ParseTranscript, RefusesWhatIsNone) {
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"language": 1})",
                           R"({"language":"en","language_probability":1,"duration":1,
                               "duration_after_vad":1,"model":"m","segments":[{"id":"x"}]})"}) {
    const auto read = parse_transcript(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace steno
