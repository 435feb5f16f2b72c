#include "pipeline/vad/speech_spans.h"

#include <gmock/gmock.h>

#include "golden.h"

namespace steno::vad {
namespace {

TEST(SpeechSpans, AreTheReferencesForMadeUpProbabilities) {
  const auto& options = golden()["options"];
  for (const auto& rule : golden()["rules"]) {
    for (size_t i = 0; i < options.size(); ++i) {
      SpeechSpans spans(options_of(options[i]));
      for (const int hundredths : rule["hundredths"]) {
        spans.push(static_cast<float>(hundredths) / 100.0f);
      }
      spans.finish(rule["length"]);
      EXPECT_EQ(spans.take(), spans_of(rule["spans"][i])) << options[i] << " over " << rule;
    }
  }
}

// open() and settled() must agree with the final spans.
TEST(SpeechSpans, KeepTheirPromisesOnTheWay) {
  const auto& options = golden()["options"];
  for (const auto& rule : golden()["rules"]) {
    for (size_t i = 0; i < options.size(); ++i) {
      SpeechSpans spans(options_of(options[i]));
      const std::vector<Span> expected = spans_of(rule["spans"][i]);
      size_t taken = 0;
      int64_t settled = 0;
      for (const int hundredths : rule["hundredths"]) {
        spans.push(static_cast<float>(hundredths) / 100.0f);
        taken += spans.take().size();
        EXPECT_GE(spans.settled(), settled);
        settled = spans.settled();
        if (taken < expected.size()) {
          EXPECT_LE(settled, expected[taken].start);
        }
        if (const auto open = spans.open()) {
          ASSERT_LT(taken, expected.size());
          EXPECT_EQ(open->start, expected[taken].start);
          EXPECT_LE(open->end, expected[taken].end);
        }
      }
    }
  }
}

TEST(SpeechSpans, ComeOutOnceNothingCanChangeThem) {
  VadOptions options;
  options.min_silence_duration_ms = 160;
  options.max_speech_duration_s = 30;
  SpeechSpans spans(options);
  for (int i = 0; i < 50; ++i) spans.push(0.9f);
  for (int i = 0; i < 24; ++i) spans.push(0.1f);
  EXPECT_TRUE(spans.take().empty());  // speech within the next 32 ms would share the padding
  spans.push(0.1f);
  EXPECT_THAT(spans.take(), testing::ElementsAre(Span{0, 50 * 512 + 6400}));
}

TEST(SpeechSpans, LetSpeechWithoutAnEndBeTakenPieceByPiece) {
  SpeechSpans spans(VadOptions{});
  for (int i = 0; i < 20; ++i) spans.push(0.1f);
  for (int i = 0; i < 100'000; ++i) {
    spans.push(0.9f);
    if (i > 1) {
      ASSERT_EQ(spans.open(), (Span{20 * 512 - 6400, (20 + i) * 512}));
    }
  }
}

}  // namespace
}  // namespace steno::vad
