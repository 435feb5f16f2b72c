#include "pipeline/postprocess/fillers.h"

#include <gtest/gtest.h>

#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

std::string text_without_fillers(const std::string& language,
                                 const std::vector<std::string>& words) {
  auto transcript = transcript_of({spoken(0, words)});
  transcript.language = language;
  const auto result = without_fillers(transcript);
  std::string joined;
  for (const Segment& segment : result.segments) {
    for (const Word& word : segment.words) joined += word.word;
  }
  const std::string shown = result.text();
  EXPECT_TRUE(joined == shown || joined == " " + shown) << joined;
  return shown;
}

TEST(Fillers, GoWithTheirCommas) {
  EXPECT_EQ(text_without_fillers("en", {" So", " um", " I", " think"}), "So I think");
  EXPECT_EQ(text_without_fillers("en", {" So,", " um,", " I", " think"}), "So, I think");
  EXPECT_EQ(text_without_fillers("en", {" I", " saw,", " uh."}), "I saw.");
  EXPECT_EQ(text_without_fillers("en", {" I", " saw", " um,", " uhm...", " it."}), "I saw it.");
  EXPECT_EQ(text_without_fillers("en", {" Yes.", " Um.", " No."}), "Yes. No.");
  EXPECT_EQ(text_without_fillers("en", {" Um."}), "");
}

TEST(Fillers, LeaveACapitalBehind) {
  EXPECT_EQ(text_without_fillers("en", {" Um,", " so", " we", " go."}), "So we go.");
  EXPECT_EQ(text_without_fillers("en", {" Yes.", " Uh,", " um,", " it", " is."}), "Yes. It is.");
  EXPECT_EQ(text_without_fillers("de", {" Ähm,", " über", " das."}), "Über das.");
  EXPECT_EQ(text_without_fillers("en", {" um,", " so"}), "so");
}

TEST(Fillers, AreNoWords) {
  for (const auto& [language, said] :
       std::vector<std::pair<std::string, std::string>>{{"en", "umbrella uh-huh mm-hmm Er's huh"},
                                                        {"en", "the ER, the UM and Erm's"},
                                                        {"en", "Uh? What?"},
                                                        {"de", "um eins, er ist ehe man hm sagt"},
                                                        {"nl", "er om u"},
                                                        {"pt", "um homem em casa, é"},
                                                        {"es", "eh? e em"},
                                                        {"it", "eh sì, e ah"},
                                                        {"fr", "heureux et eux"},
                                                        {"he", "אם האם אהבה"},
                                                        {"tr", "II ve ılık"},
                                                        {"ja", "ええ、あの人"},
                                                        {"xx", "um uh"}}) {
    EXPECT_EQ(text_without_fillers(language, {" " + said}), said) << language;
  }
}

TEST(Fillers, OfEachLanguage) {
  EXPECT_EQ(text_without_fillers("de", {" Das", " ähm", " ist", " äh,", " gut."}), "Das ist gut.");
  EXPECT_EQ(text_without_fillers("fr", {" C'est", " euh", " bien"}), "C'est bien");
  EXPECT_EQ(text_without_fillers("es", {" Es,", " ehm,", " bien"}), "Es, bien");
  EXPECT_EQ(text_without_fillers("he", {" זה,", " אהה,", " טוב"}), "זה, טוב");
  EXPECT_EQ(text_without_fillers("nl", {" Dat", " uhm", " is"}), "Dat is");
  EXPECT_EQ(text_without_fillers("ja", {"え", "ー", "と、", "今日", "は、", "あの", "ー、", "雨"}),
            "今日は、雨");
}

TEST(Fillers, LeaveTheTimesOfTheOthers) {
  auto transcript = transcript_of({spoken(0, {" So,", " um,", " yes"}), spoken(2, {" Uh."})});
  const auto result = without_fillers(transcript);
  ASSERT_EQ(result.segments.size(), 1U);
  ASSERT_EQ(result.segments[0].words.size(), 2U);
  EXPECT_EQ(result.segments[0].words[1].start, 1);
}

}  // namespace
}  // namespace steno::postprocess
