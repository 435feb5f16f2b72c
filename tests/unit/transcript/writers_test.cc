#include "transcript/writers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace steno {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Format kAll[] = {Format::txt, Format::json, Format::srt,         Format::vtt,
                           Format::tsv, Format::rttm, Format::verbose_json};

Segment segment(double start, double end, std::string text) {
  Segment result;
  result.start = start;
  result.end = end;
  result.text = std::move(text);
  return result;
}

/// A segment whose words, given with their spaces, last half a second each.
Segment spoken(double start, const std::vector<std::string>& words) {
  Segment result = segment(start, start, "");
  for (const auto& word : words) {
    result.words.push_back({result.end, result.end + 0.5, word, 0.9});
    result.end += 0.5;
    result.text += word;
  }
  return result;
}

Transcript transcript(std::vector<Segment> segments) {
  Transcript result;
  result.language = "en";
  result.model = "base";
  result.segments = std::move(segments);
  for (std::size_t i = 0; i < result.segments.size(); ++i) {
    result.segments[i].id = static_cast<int>(i);
  }
  return result;
}

/// The texts of the cues of an srt file.
std::vector<std::string> srt_cues(const std::string& srt) {
  std::vector<std::string> result;
  std::istringstream in(srt);
  std::string line;
  while (std::getline(in, line)) {  // number
    EXPECT_EQ(line, std::to_string(result.size() + 1));
    std::getline(in, line);  // times
    EXPECT_THAT(line, HasSubstr(" --> "));
    std::string text;
    while (std::getline(in, line) && !line.empty()) text += (text.empty() ? "" : "|") + line;
    result.push_back(text);
  }
  return result;
}

std::vector<std::string> srt_cues(const std::vector<Segment>& segments,
                                  const SubtitleOptions& options) {
  return srt_cues(write(transcript(segments), Format::srt, options));
}

TEST(Writers, KnowTheirNames) {
  for (const auto format : kAll) {
    const auto parsed = parse_format(name_of(format));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, format);
  }
  const auto wrong = parse_format("docx");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, Errc::invalid_argument);
  EXPECT_EQ(wrong.error().message,
            "no format \"docx\"; there are txt, json, srt, vtt, tsv, rttm, verbose_json");
}

TEST(Writers, WriteEachFormat) {
  const auto spoken =
      transcript({segment(0, 1.5, " Hello there."), segment(2, 61.25, " Good bye.")});
  EXPECT_EQ(write(spoken, Format::txt), "Hello there.\nGood bye.\n");
  EXPECT_EQ(write(spoken, Format::tsv),
            "start\tend\ttext\n0\t1500\tHello there.\n2000\t61250\tGood bye.\n");
  EXPECT_EQ(write(spoken, Format::srt),
            "1\n00:00:00,000 --> 00:00:01,500\nHello there.\n\n"
            "2\n00:00:02,000 --> 00:01:01,250\nGood bye.\n\n");
  EXPECT_EQ(write(spoken, Format::vtt),
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello there.\n\n"
            "00:00:02.000 --> 00:01:01.250\nGood bye.\n\n");
}

TEST(Writers, NameTheChannel) {
  auto plain = segment(0, 1, " Hello.");
  auto words = spoken(1, {" Good", " bye."});
  plain.channel = 0;
  words.channel = 1;
  const auto call = transcript({plain, words});
  EXPECT_EQ(write(call, Format::txt), "Channel 0: Hello.\nChannel 1: Good bye.\n");
  EXPECT_EQ(write(call, Format::vtt),
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v Channel 0>Hello.\n\n"
            "00:00:01.000 --> 00:00:02.000\n<v Channel 1>Good bye.\n\n");
  EXPECT_THAT(srt_cues(write(call, Format::srt)),
              ElementsAre("Channel 0: Hello.", "Channel 1: Good bye."));
  EXPECT_THAT(write(call, Format::tsv), HasSubstr("\tHello.\n"));
  EXPECT_EQ(call.text(), "Hello. Good bye.");
  // The label takes space on the line.
  SubtitleOptions narrow;
  narrow.max_line_width = 17;
  EXPECT_THAT(srt_cues({words}, narrow), ElementsAre("Channel 1: Good|bye."));
  EXPECT_THAT(write(call, Format::vtt, narrow), HasSubstr(">Good bye.\n"));
}

TEST(Writers, NameTheSpeaker) {
  auto first = segment(62.5, 63, " Hello.");
  auto second = spoken(3700, {" Good", " bye."});
  first.speaker = "SPEAKER_00";
  second.speaker = "Dana <3";
  second.channel = 1;  // the speaker's name is more specific
  const auto call = transcript({first, second});
  EXPECT_EQ(write(call, Format::txt),
            "[00:01:02] SPEAKER_00: Hello.\n[01:01:40] Dana <3: Good bye.\n");
  EXPECT_THAT(srt_cues(write(call, Format::srt)),
              ElementsAre("SPEAKER_00: Hello.", "Dana <3: Good bye."));
  EXPECT_THAT(write(call, Format::vtt), HasSubstr("\n<v SPEAKER_00>Hello.\n"));
  EXPECT_THAT(write(call, Format::vtt), HasSubstr("\n<v Dana &lt;3>Good bye.\n"));
}

TEST(Writers, WriteParagraphsAsText) {
  auto spoken = transcript({segment(0, 9, " A. B. C.")});
  spoken.paragraphs = {{62, 63, "SPEAKER_00", std::nullopt, {{62, 62.5, "A."}, {62.5, 63, "B."}}},
                       {70, 71, "", 1, {{70, 71, "C."}}},
                       {80, 81, "", std::nullopt, {{80, 80.5, "甲。"}, {80.5, 81, "乙。"}}}};
  EXPECT_EQ(write(spoken, Format::txt),
            "[00:01:02] SPEAKER_00: A. B.\n\nChannel 1: C.\n\n甲。乙。\n");
  EXPECT_THAT(write(spoken, Format::srt), HasSubstr("\nA. B. C.\n"));
}

TEST(Writers, CountHours) {
  const auto late = transcript({segment(3599.9996, 3661.001, "a"), segment(360000, 360001.5, "b")});
  EXPECT_THAT(write(late, Format::srt), HasSubstr("01:00:00,000 --> 01:01:01,001\na"));
  EXPECT_THAT(write(late, Format::srt), HasSubstr("100:00:00,000 --> 100:00:01,500\nb"));
  EXPECT_THAT(write(late, Format::vtt), HasSubstr("01:00:00.000 --> 01:01:01.001\na"));
  EXPECT_THAT(write(late, Format::tsv), HasSubstr("360000000\t360001500\tb"));
}

TEST(Writers, NeverWriteTimesThatRunBackwards) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto odd = transcript({segment(-1, -0.5, "a"), segment(5, 4, "b"), segment(nan, nan, "c")});
  EXPECT_EQ(write(odd, Format::tsv), "start\tend\ttext\n0\t0\ta\n5000\t5000\tb\n0\t0\tc\n");
  EXPECT_THAT(write(odd, Format::vtt), HasSubstr("00:00:05.000 --> 00:00:05.000\nb"));
  EXPECT_TRUE(nlohmann::json::accept(write(odd, Format::json)));
}

TEST(Writers, EmptyTranscript) {
  EXPECT_EQ(write(transcript({}), Format::txt), "");
  EXPECT_EQ(write(transcript({}), Format::srt), "");
  EXPECT_EQ(write(transcript({}), Format::vtt), "WEBVTT\n\n");
  EXPECT_EQ(write(transcript({}), Format::tsv), "start\tend\ttext\n");
  const auto json = nlohmann::json::parse(write(transcript({}), Format::json));
  EXPECT_EQ(json["text"], "");
  EXPECT_EQ(json["segments"], nlohmann::json::array());
  // A segment without text is no line and no cue.
  const auto blank = transcript({segment(0, 1, " \n "), segment(1, 2, "")});
  EXPECT_EQ(write(blank, Format::txt) + write(blank, Format::srt), "");
}

TEST(Writers, TextCannotEndItsCue) {
  const auto nasty = transcript({segment(0, 1, "a\n\n2\n00:00:05,000 --> 00:00:06,000\nb"),
                                 segment(1, 2, "x ----> y"), segment(2, 3, "tab\there\r\nnew"),
                                 segment(3, 4,
                                         "line\xE2\x80\xA8"
                                         "separator"),
                                 spoken(4, {" --", "> z"})});
  EXPECT_THAT(srt_cues(write(nasty, Format::srt)),
              ElementsAre("a  2 00:00:05,000 -> 00:00:06,000 b", "x -> y", "tab here  new",
                          "line separator", "-> z"));
  EXPECT_THAT(write(nasty, Format::vtt), HasSubstr("x ----&gt; y\n"));
  EXPECT_THAT(write(nasty, Format::tsv), HasSubstr("2000\t3000\ttab here  new\n"));
  EXPECT_THAT(write(nasty, Format::txt), HasSubstr("\ntab here  new\nline separator\n"));
}

TEST(Writers, TextIsNoMarkup) {
  const auto marked = transcript({segment(0, 1, "<b>1 < 2</b> & {\\an8} <v Bob>&amp;")});
  EXPECT_THAT(write(marked, Format::vtt),
              HasSubstr("\n&lt;b&gt;1 &lt; 2&lt;/b&gt; &amp; {\\an8} &lt;v Bob&gt;&amp;amp;\n"));
  const auto srt = write(marked, Format::srt);
  EXPECT_THAT(srt, HasSubstr("<\u200Bb>1 < 2<\u200B/b> & {\u200B\\an8} <\u200Bv Bob>"));
}

/// The subtitle file as FFmpeg reads it.
std::string as_ffmpeg_reads(const std::string& text, const std::string& extension) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("steno-writers-" + std::to_string(::getpid()) + "." + extension);
  std::ofstream(path) << text;
  const auto command = "ffmpeg -nostdin -v error -i '" + path.string() + "' -f srt -";
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  std::filesystem::remove(path);
  return out;
}

TEST(Writers, OtherReadersFindEveryCue) {
  const auto nasty =
      transcript({segment(0, 1, "a\n\n2\n00:00:05,000 --> 00:00:06,000\nb"),
                  segment(1, 2, "x --> y"), segment(2, 3, "<i>no markup</i> & so on"),
                  segment(3, 4, "שלום <עולם>"), segment(7200, 7201.5, "砸自己的脚")});
  for (const std::string format : {"srt", "vtt"}) {
    const auto read = srt_cues(as_ffmpeg_reads(write(nasty, *parse_format(format)), format));
    ASSERT_EQ(read.size(), 5U) << format;
    EXPECT_THAT(read[2], HasSubstr("no markup")) << format;
    EXPECT_THAT(read[2], HasSubstr("& so on")) << format;
    EXPECT_THAT(read[3], HasSubstr("עולם")) << format;
    EXPECT_EQ(read[4], "砸自己的脚") << format;
  }
}

TEST(Writers, LeaveRightToLeftAndCjkTextAsItIs) {
  const std::string hebrew = "הוא אמר: \"שלום, John!\"";
  const std::string chinese = "砸自己的脚。";
  const auto spoken = transcript({segment(0, 1, hebrew), segment(1, 2, "　" + chinese + "　")});
  EXPECT_EQ(write(spoken, Format::txt), hebrew + "\n" + chinese + "\n");
  EXPECT_THAT(write(spoken, Format::vtt), HasSubstr("\n" + hebrew + "\n\n"));
  EXPECT_THAT(write(spoken, Format::json), HasSubstr("שלום"));
}

TEST(Writers, AlwaysGiveValidUtf8) {
  // Cut, overlong, surrogate, too high, stray continuation.
  const std::string bad = "a\xE7\xA0 b\xC0\xAF c\xED\xA0\x80 d\xF5\x80 e\x80 \xF0\x9F\x98\x80 \xE7";
  auto broken = transcript({segment(0, 1, bad), spoken(1, {" \xE7\xA0", " ok"})});
  broken.warnings = {bad};
  broken.model = bad;
  broken.speakers = {{bad, 1}};
  broken.turns = {{0, 1, 0}};
  for (const auto format : kAll) {
    auto out = write(broken, format);
    if (format == Format::rttm) std::ranges::replace(out, '_', ' ');
    // nlohmann refuses to serialise invalid UTF-8.
    EXPECT_NO_THROW(nlohmann::json(out).dump()) << name_of(format);
    EXPECT_THAT(out, HasSubstr("a\uFFFD b\uFFFD\uFFFD c\uFFFD\uFFFD\uFFFD d\uFFFD\uFFFD e\uFFFD "
                               "\U0001F600 \uFFFD"))
        << name_of(format);
  }
}

TEST(JsonWriter, HasEveryMember) {
  Transcript full = transcript({spoken(0.1 + 0.2, {" Hi", " you."}), segment(2, 3, " Bye.")});
  full.language_probability = 0.987654321;
  full.duration = 12.3456;
  full.duration_after_vad = 10.5;
  auto& first = full.segments[0];
  first.channel = 1;
  first.avg_logprob = -0.25;
  first.compression_ratio = 1.5;
  first.no_speech_prob = 0.125;
  first.temperature = 0.2;
  first.tokens = {1, 2, 50257};
  auto json = nlohmann::ordered_json::parse(write(full, Format::json));
  std::vector<std::string> members;
  for (const auto& [name, value] : json.items()) members.push_back(name);
  EXPECT_THAT(members, ElementsAre("text", "language", "language_probability", "duration",
                                   "duration_after_vad", "model", "segments"));
  EXPECT_EQ(json["text"], "Hi you. Bye.");
  EXPECT_EQ(json["language"], "en");
  EXPECT_EQ(json["language_probability"], 0.987654);
  EXPECT_EQ(json["duration"], 12.346);
  EXPECT_EQ(json["duration_after_vad"], 10.5);
  EXPECT_EQ(json["model"], "base");
  EXPECT_EQ(json["segments"][0].dump(),
            R"({"id":0,"start":0.3,"end":1.3,"text":" Hi you.","speaker":null,"speakers":[],)"
            R"("channel":1,"words":[{"word":" Hi","start":0.3,"end":0.8,"probability":0.9,)"
            R"("speaker":null},{"word":" you.","start":0.8,"end":1.3,"probability":0.9,)"
            R"("speaker":null}],"extra_data":{"avg_logprob":-0.25,"compression_ratio":1.5,)"
            R"("no_speech_prob":0.125,"temperature":0.2,"tokens":[1,2,50257]}})");
  EXPECT_FALSE(json["segments"][1].contains("channel"));
  EXPECT_EQ(json["segments"][1]["words"], nlohmann::ordered_json::array());

  full.warnings = {"talk.mp3: cut off"};
  json = nlohmann::ordered_json::parse(write(full, Format::json));
  EXPECT_EQ(json["warnings"], nlohmann::ordered_json({"talk.mp3: cut off"}));
}

/// The rules of openai-whisper.
SubtitleOptions by_segments() {
  SubtitleOptions options;
  options.cues = CueRule::segments;
  return options;
}

TEST(SegmentCues, KeepSegmentsAsTheyAre) {
  EXPECT_THAT(srt_cues({spoken(0, {" one", " two"}), spoken(1, {" three"}), segment(2, 3, " four")},
                       by_segments()),
              ElementsAre("one two", "three", "four"));
}

TEST(SegmentCues, BreakLinesBetweenWords) {
  SubtitleOptions options = by_segments();
  options.max_line_width = 9;
  EXPECT_THAT(
      srt_cues({spoken(0, {" one", " two", " three", " extraordinary", " x"}), spoken(3, {" y"})},
               options),
      ElementsAre("one two|three|extraordinary|x", "y"));
  // Characters count, not bytes, and no word is cut.
  options.max_line_width = 4;
  EXPECT_THAT(srt_cues({spoken(0, {"砸", "自己", "的", "脚"})}, options),
              ElementsAre("砸自己的|脚"));
  EXPECT_THAT(srt_cues({spoken(0, {" של", " את"})}, options), ElementsAre("של|את"));
}

TEST(SegmentCues, FillCuesAcrossSegments) {
  SubtitleOptions options = by_segments();
  options.max_line_width = 7;
  options.max_line_count = 2;
  EXPECT_THAT(
      srt_cues({spoken(0, {" one", " two", " six"}), spoken(1.5, {" ten", " forty"})}, options),
      ElementsAre("one two|six ten", "forty"));
  // A pause of more than three seconds ends a cue.
  EXPECT_THAT(srt_cues({spoken(0, {" one"}), spoken(9, {" two"})}, options),
              ElementsAre("one", "two"));
  EXPECT_THAT(srt_cues({spoken(0, {" one"}), spoken(2, {" two"})}, options),
              ElementsAre("one two"));
}

TEST(SegmentCues, NoCueHoldsTwoChannelsOrOverlappingSegments) {
  SubtitleOptions options = by_segments();
  options.max_line_width = 40;
  options.max_line_count = 2;
  auto left = spoken(0, {" one", " two"});
  auto right = spoken(0.5, {" red"});
  left.channel = 0;
  right.channel = 1;
  auto more = spoken(1, {" three"});
  more.channel = 0;
  const auto srt = write(transcript({left, right, more}), Format::srt, options);
  EXPECT_THAT(srt, HasSubstr("00:00:00,000 --> 00:00:01,000\n"));
  EXPECT_THAT(srt, HasSubstr("00:00:00,500 --> 00:00:01,000\n"));
  EXPECT_THAT(srt, HasSubstr("00:00:01,000 --> 00:00:01,500\n"));
  EXPECT_EQ(srt_cues(srt).size(), 3U);
  EXPECT_THAT(srt_cues({spoken(0, {" one", " two"}), spoken(0.5, {" red"})}, options),
              ElementsAre("one two", "red"));
}

TEST(SegmentCues, LineCountNeedsALineWidth) {
  SubtitleOptions options = by_segments();
  options.max_line_count = 1;
  EXPECT_THAT(srt_cues({spoken(0, {" one", " two"}), spoken(1, {" three"})}, options),
              ElementsAre("one two", "three"));
}

TEST(SegmentCues, LimitWordsOfACue) {
  SubtitleOptions options = by_segments();
  options.max_words_per_line = 2;
  const std::vector<Segment> segments = {spoken(0, {" a", " b", " c", " d", " e"}),
                                         spoken(3, {" f"})};
  EXPECT_THAT(srt_cues(segments, options), ElementsAre("a b", "c d", "e", "f"));
  EXPECT_THAT(write(transcript(segments), Format::srt, options),
              HasSubstr("2\n00:00:01,000 --> 00:00:02,000\nc d\n"));
  options.max_line_width = 100;
  EXPECT_THAT(srt_cues(segments, options), ElementsAre("a b c d e", "f"));
}

TEST(SegmentCues, HighlightEachWord) {
  SubtitleOptions options = by_segments();
  options.highlight_words = true;
  auto segment = spoken(0, {" one", " <two>"});
  segment.words[1].start = 0.75;
  EXPECT_EQ(write(transcript({segment}), Format::vtt, options),
            "WEBVTT\n\n00:00:00.000 --> 00:00:00.500\n<u>one</u> &lt;two&gt;\n\n"
            "00:00:00.500 --> 00:00:00.750\none &lt;two&gt;\n\n"
            "00:00:00.750 --> 00:00:01.000\none <u>&lt;two&gt;</u>\n\n");
}

TEST(SegmentCues, SegmentsWithoutWordsKeepTheirPlace) {
  SubtitleOptions options = by_segments();
  options.max_line_width = 20;
  options.max_line_count = 2;
  EXPECT_THAT(
      srt_cues({spoken(0, {" one"}), segment(1, 2, " plain text"), spoken(2, {" two"})}, options),
      ElementsAre("one", "plain text", "two"));
}

TEST(SegmentCues, RefuseLimitsBelowOne) {
  EXPECT_TRUE(validate(SubtitleOptions{}).has_value());
  SubtitleOptions options = by_segments();
  options.max_line_count = 0;
  const auto result = validate(options);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "max_line_count must be at least 1, not 0");
}

TEST(StreamWriter, GivesWhatWriteGives) {
  const std::vector<Segment> segments = {spoken(0, {" one", " two", " six"}),
                                         segment(1, 2, " plain"), spoken(2, {" ten", " forty"}),
                                         spoken(3, {" end"})};
  SubtitleOptions narrow;
  narrow.max_line_width = 7;
  narrow.max_line_count = 2;
  for (const auto format : {Format::txt, Format::srt, Format::vtt, Format::tsv}) {
    auto narrow_segments = narrow;
    narrow_segments.cues = CueRule::segments;
    for (const auto& options : {SubtitleOptions{}, narrow, narrow_segments}) {
      StreamWriter writer(format, options);
      std::string joined = writer.header();
      for (const auto& each : segments) joined += writer.segment(each);
      joined += writer.finish();
      EXPECT_EQ(joined, write(transcript(segments), format, options)) << name_of(format);
    }
  }
}

TEST(StreamWriter, GivesALineAtOnce) {
  StreamWriter txt(Format::txt);
  EXPECT_EQ(txt.segment(segment(0, 1, " Hello.")), "Hello.\n");
  StreamWriter json(Format::json);
  const auto line = json.segment(segment(0, 1, " Hello."));
  EXPECT_THAT(line.substr(0, line.size() - 1), Not(HasSubstr("\n")));
  EXPECT_EQ(nlohmann::json::parse(line)["text"], " Hello.");
  EXPECT_EQ(json.finish(), "");
}

}  // namespace
}  // namespace steno
