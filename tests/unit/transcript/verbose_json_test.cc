#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "transcript/json.h"

namespace steno {
namespace {

using nlohmann::json;

Transcript one_segment() {
  Segment segment;
  segment.id = 3;
  segment.start = 1.234;
  segment.end = 2.5;
  segment.text = " Shalom olam.";
  segment.words = {{1.234, 1.5, " Shalom", 0.9}, {1.5, 2.5, " olam.", 0.8}};
  segment.avg_logprob = -0.25;
  segment.compression_ratio = 1.5;
  segment.no_speech_prob = 0.125;
  segment.temperature = 0.2;
  segment.tokens = {50364, 7, 8};
  Transcript transcript;
  transcript.language = "he";
  transcript.duration = 2.6;
  transcript.segments = {segment};
  return transcript;
}

TEST(VerboseJson, HasTheFieldsOfOpenAisApi) {
  EXPECT_EQ(json::parse(to_verbose_json(one_segment(), "transcribe")), json::parse(R"({
    "task": "transcribe", "language": "hebrew", "duration": 2.6, "text": "Shalom olam.",
    "segments": [{"id": 3, "seek": 123, "start": 1.234, "end": 2.5, "text": " Shalom olam.",
                  "tokens": [50364, 7, 8], "temperature": 0.2, "avg_logprob": -0.25,
                  "compression_ratio": 1.5, "no_speech_prob": 0.125}],
    "words": [{"word": "Shalom", "start": 1.234, "end": 1.5},
              {"word": "olam.", "start": 1.5, "end": 2.5}],
    "usage": {"type": "duration", "seconds": 3.0}})"));
}

TEST(VerboseJson, HasWordsOnlyWhereTheyAreKnown) {
  Transcript transcript = one_segment();
  transcript.segments.front().words.clear();
  transcript.language = "xx";
  const json object = json::parse(to_verbose_json(transcript, "translate"));
  EXPECT_FALSE(object.contains("words"));
  EXPECT_EQ(object["task"], "translate");
  EXPECT_EQ(object["language"], "xx");
  const json empty = json::parse(to_verbose_json({}, "transcribe"));
  EXPECT_EQ(empty["segments"], json::array());
  EXPECT_EQ(empty["text"], "");
}

}  // namespace
}  // namespace steno
