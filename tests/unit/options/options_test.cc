#include "options/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "options/option_json.h"
#include "options/option_table.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string refusal(std::string_view name, std::string_view text) {
  TranscribeOptions options;
  const auto set = set_option_text(options, name, text);
  if (set) return "accepted";
  EXPECT_EQ(set.error().code, Errc::invalid_argument);
  return set.error().message;
}

TEST(Options, DefaultsAreInRange) {
  EXPECT_TRUE(validate(TranscribeOptions()));
  EXPECT_TRUE(validate(DeviceOptions()));
}

TEST(Options, EveryOptionRefusesNonsenseWithItsNameAndRange) {
  for (const auto& row : transcribe_option_table()) {
    SCOPED_TRACE(row.name);
    const std::string nonsense = row.type == OptionType::text ? "\x01" : "no such value";
    EXPECT_THAT(refusal(row.name, nonsense), HasSubstr(row.name + " must be " + row.allowed()));
    if (!row.range) continue;
    for (const double out : {row.range->low - 1, row.range->high + 1}) {
      EXPECT_THAT(refusal(row.name, option_text(out)), HasSubstr(row.allowed()));
    }
    if (row.range->above) {
      EXPECT_NE(refusal(row.name, option_text(row.range->low)), "accepted");
    }
  }
}

TEST(Options, EveryOptionTakesItsDefaultBack) {
  for (const auto& row : transcribe_option_table()) {
    SCOPED_TRACE(row.name);
    TranscribeOptions options;
    const OptionValue value = row.get(options);
    EXPECT_TRUE(set_option(options, row.name, value));
    EXPECT_TRUE(set_option_text(options, row.name, option_text(value)));
    EXPECT_EQ(row.get(options), value);
  }
}

TEST(Options, EveryOptionChangesItsOwnFieldOnly) {
  for (const auto& row : transcribe_option_table()) {
    SCOPED_TRACE(row.name);
    OptionValue other;
    switch (row.type) {
      case OptionType::flag:
        other = row.get(TranscribeOptions()) != OptionValue(true);
        break;
      case OptionType::whole:
      case OptionType::number:
        other = row.range->high;
        break;
      case OptionType::wholes:
      case OptionType::numbers:
        other = std::vector<double>{row.range->high};
        break;
      case OptionType::text:
        other = "x";
        break;
      case OptionType::choice:
        other = row.choices.back();
        break;
      case OptionType::language:
        other = "de";
        break;
      case OptionType::choices:
        other = row.choices;
        break;
      case OptionType::rules:
        other = std::vector<ReplaceRule>{{"a", "b"}};
        break;
      case OptionType::speakers:
        other = std::vector<KnownSpeaker>{{"Ann", "AAAA"}};
        break;
    }
    TranscribeOptions options;
    ASSERT_TRUE(set_option(options, row.name, other));
    for (const auto& each : transcribe_option_table()) {
      const bool same = each.get(options) == each.get(TranscribeOptions());
      EXPECT_EQ(same, each.name != row.name) << each.name;
    }
  }
}

TEST(Options, ReadsValuesAsTyped) {
  TranscribeOptions options;
  EXPECT_TRUE(set_option_text(options, "temperature", "0, 0.5,1"));
  EXPECT_THAT(options.temperature, ElementsAre(0, 0.5, 1));
  EXPECT_TRUE(set_option_text(options, "suppress_tokens", "-1,50"));
  EXPECT_THAT(options.suppress_tokens, ElementsAre(-1, 50));
  EXPECT_TRUE(set_option_text(options, "suppress_tokens", ""));
  EXPECT_THAT(options.suppress_tokens, IsEmpty());
  EXPECT_TRUE(set_option_text(options, "log-prob-threshold", "None"));
  EXPECT_EQ(options.log_prob_threshold, std::nullopt);
  EXPECT_TRUE(set_option_text(options, "vad_filter", "False"));
  EXPECT_FALSE(options.vad_filter);
  EXPECT_TRUE(set_option_text(options, "channels", "split"));
  EXPECT_EQ(options.channels, Channels::split);
  EXPECT_TRUE(set_option_text(options, "vad_neg_threshold", "0.2"));
  EXPECT_EQ(options.vad.neg_threshold, 0.2);
  EXPECT_TRUE(set_option_text(options, "initial_prompt", "none"));
  EXPECT_EQ(options.initial_prompt, "none");
}

TEST(Options, ReadsListsOfWordsAndRules) {
  TranscribeOptions options;
  EXPECT_TRUE(set_option_text(options, "redact", "card, email"));
  EXPECT_THAT(options.post.redact, ElementsAre(Redaction::card, Redaction::email));
  EXPECT_TRUE(set_option_text(options, "redact", "none"));
  EXPECT_THAT(options.post.redact, IsEmpty());
  EXPECT_TRUE(set_option_text(options, "replace", R"([{"pattern":"a\\d","replacement":"b"}])"));
  EXPECT_THAT(options.post.replace, ElementsAre(ReplaceRule{"a\\d", "b"}));
  EXPECT_THAT(refusal("redact", "card,pin"), HasSubstr("redact must be one or more of card"));
  EXPECT_THAT(refusal("replace", R"([{"pattern":"a"}])"), HasSubstr("replace must be a list"));
  EXPECT_THAT(refusal("replace", R"([{"pattern":"a","replacement":""},
                                     {"pattern":"(","replacement":""}])"),
              HasSubstr("replace[1]: pattern: at character 2, missing )"));
  EXPECT_FALSE(set_option(options, "replace", std::vector<ReplaceRule>(101, {"a", "b"})));
}

TEST(Options, KnowsLanguagesByCodeAndName) {
  TranscribeOptions options;
  EXPECT_TRUE(set_option_text(options, "language", "German"));
  EXPECT_EQ(options.language, "de");
  EXPECT_TRUE(set_option_text(options, "language", "auto"));
  EXPECT_EQ(options.language, std::nullopt);
  EXPECT_THAT(refusal("language", "germen"), HasSubstr("did you mean german?"));
}

TEST(Options, HintsAtTheNearestName) {
  EXPECT_THAT(refusal("beam", "5"), HasSubstr("no option is called \"beam\""));
  EXPECT_THAT(refusal("beamsize", "5"), HasSubstr("did you mean beam_size?"));
  EXPECT_THAT(refusal("task", "translat"), HasSubstr("did you mean translate?"));
}

TEST(Options, RefusedValueLeavesOptionsAsTheyWere) {
  TranscribeOptions options;
  EXPECT_FALSE(set_option_text(options, "beam_size", "0"));
  EXPECT_EQ(options.beam_size, 5);
}

TEST(Options, RefusesNumbersThatAreNone) {
  for (const char* text : {"", "nan", "inf", "1e999", "5 ", "5x", "0x10", "５", "2.5"}) {
    SCOPED_TRACE(text);
    if (std::string_view(text) == "5 ") {
      EXPECT_EQ(refusal("beam_size", text), "accepted");
      continue;
    }
    EXPECT_THAT(refusal("beam_size", text), HasSubstr("beam_size must be a whole number from 1"));
  }
  EXPECT_THAT(refusal("temperature", ""), HasSubstr("temperature must be"));
  EXPECT_THAT(refusal("temperature", "0,,1"), HasSubstr("temperature must be"));
  EXPECT_THAT(refusal("temperature", "0,nan"), HasSubstr("temperature must be"));
}

// Engines compute with 32 bits, where such numbers are 0.
TEST(Options, RefusesNumbersTooSmallToCalculateWith) {
  EXPECT_THAT(refusal("temperature", "0,1e-300"), HasSubstr("each 0 or from 0.01 to 2, not"));
  EXPECT_THAT(refusal("temperature", "0.009"), HasSubstr("0 or from 0.01 to 2"));
  EXPECT_EQ(refusal("temperature", "0,0.01,2"), "accepted");
  EXPECT_THAT(refusal("repetition_penalty", "1e-300"), HasSubstr("a number from 0.01 to 100"));
  EXPECT_THAT(refusal("patience", "1e-300"), HasSubstr("a number from 0.01 to 100"));
  EXPECT_EQ(refusal("repetition_penalty", "0.01"), "accepted");
}

TEST(Options, RefusesTextThatIsNotUtf8) {
  for (const char* text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "abc\xe2\x82", "\xf5\x80\x80\x80"}) {
    EXPECT_THAT(refusal("initial_prompt", text), HasSubstr("bytes that are not UTF-8"));
  }
  EXPECT_EQ(refusal("initial_prompt", "שלום, 世界 🙂\n"), "accepted");
}

TEST(Options, ValidateFindsWhatWasSetInCode) {
  TranscribeOptions options;
  options.patience = std::numeric_limits<double>::quiet_NaN();
  ASSERT_FALSE(validate(options));
  EXPECT_THAT(validate(options).error().message,
              HasSubstr("patience must be a number from 0.01 to 100"));
  options = {};
  options.language = "xx";
  EXPECT_FALSE(validate(options));
  options = {};
  options.temperature.clear();
  EXPECT_FALSE(validate(options));
}

TEST(Options, ClipsRise) {
  TranscribeOptions options;
  for (const std::vector<double>& good :
       {std::vector<double>{}, {5}, {0, 5}, {0, 5, 5, 7}, {0, 5, 9}}) {
    options.clip_timestamps = good;
    EXPECT_TRUE(validate(options)) << option_text(good);
  }
  for (const std::vector<double>& bad :
       {std::vector<double>{-1}, {5, 5}, {5, 1}, {0, 5, 4, 7}, {0, 1, 2, 2}}) {
    options.clip_timestamps = bad;
    EXPECT_FALSE(validate(options)) << option_text(bad);
  }
}

TEST(Options, VadThresholdsFitTogether) {
  TranscribeOptions options;
  options.vad.neg_threshold = 0.6;
  ASSERT_FALSE(validate(options));
  EXPECT_THAT(validate(options).error().message, HasSubstr("at most vad_threshold (0.5)"));
  options = {};
  options.vad.max_speech_duration_s = 1;
  options.vad.min_speech_duration_ms = 2000;
  EXPECT_FALSE(validate(options));
}

TEST(Options, DeviceOptionsHaveRangesToo) {
  DeviceOptions options;
  EXPECT_TRUE(set_option_text(options, "device_index", "0,1"));
  EXPECT_THAT(options.device_index, ElementsAre(0, 1));
  EXPECT_TRUE(validate(options));
  options.device_index = {1, 1};
  EXPECT_FALSE(validate(options));
  const auto set = set_option_text(options, "compute_type", "int4");
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message, HasSubstr("compute_type must be default, auto, int8"));
  EXPECT_FALSE(set_option_text(options, "device", "gpu"));
  EXPECT_FALSE(set_option_text(options, "cpu_threads", "-1"));
}

TEST(Options, EveryRowIsDocumented) {
  for (const auto& row : transcribe_option_table()) {
    EXPECT_FALSE(row.help.empty() || row.group.empty()) << row.name;
    EXPECT_EQ(row.help.find('\n'), std::string::npos) << row.name;
  }
}

TEST(ParseOptions, ReadsThemByTheirNames) {
  const auto options = parse_options(
      R"({"beam_size": 1, "language": null, "temperature": [0, 0.5], "word_timestamps": true,
          "initial_prompt": "Dr. Who"})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->beam_size, 1);
  EXPECT_EQ(options->language, std::nullopt);
  EXPECT_EQ(options->temperature, (std::vector<double>{0, 0.5}));
  EXPECT_TRUE(options->word_timestamps);
  EXPECT_EQ(options->initial_prompt, "Dr. Who");
  EXPECT_EQ(parse_options("").value(), TranscribeOptions());
  EXPECT_EQ(parse_options("{}").value(), TranscribeOptions());
  EXPECT_EQ(parse_options(R"({"extra_data": false})").value(), TranscribeOptions());
}

TEST(ParseOptions, RefusesWhatIsNone) {
  for (const char* text : {"[]", "{", R"({"beam_size": 0})", R"({"beam_size": {}})",
                           R"({"beam": 1})", R"({"temperature": ["a"]})"}) {
    const auto options = parse_options(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, Errc::invalid_argument);
  }
}

TEST(Validate, KnowsWhichOptionsOfSpeakersGoTogether) {
  const auto wrong = [](const SpeakerOptions& speakers, Channels channels = Channels::mix) {
    TranscribeOptions options;
    options.speakers = speakers;
    options.channels = channels;
    const auto good = validate(options);
    return good ? std::string() : good.error().message;
  };
  EXPECT_EQ(wrong({true, 2, {}, {}, {}, {}}), "");
  EXPECT_EQ(wrong({true, {}, 2, 2, {OptionalStage::diarize}, {}}), "");
  EXPECT_EQ(wrong({true, {}, {}, {}, {}, {}}, Channels::split), "");
  EXPECT_THAT(wrong({true, 2, 2, {}, {}, {}}), testing::HasSubstr("num_speakers and min_speakers"));
  EXPECT_THAT(wrong({true, 2, {}, 2, {}, {}}), testing::HasSubstr("num_speakers and max_speakers"));
  EXPECT_THAT(wrong({true, {}, 3, 2, {}, {}}), testing::HasSubstr("min_speakers and max_speakers"));
  EXPECT_THAT(wrong({true, 0, {}, {}, {}, {}}), testing::HasSubstr("num_speakers must be"));
  EXPECT_THAT(wrong({true, {}, {}, 101, {}, {}}), testing::HasSubstr("max_speakers must be"));
  EXPECT_THAT(wrong({false, {}, 2, {}, {}, {}}), testing::HasSubstr("min_speakers has no effect"));
  EXPECT_THAT(wrong({true, {}, 2, {}, {}, {}}, Channels::split),
              testing::HasSubstr("min_speakers has no effect"));
  EXPECT_EQ(wrong({true, {}, {}, {}, {}, {{"Ann", "AAAA"}, {"Zoë van Dijk", "AA=="}}}), "");
  EXPECT_THAT(wrong({false, {}, {}, {}, {}, {{"Ann", "AAAA"}}}),
              testing::HasSubstr("known_speakers has no effect"));
  EXPECT_THAT(wrong({false, {}, {}, {}, {OptionalStage::diarize}, {}}),
              testing::HasSubstr("require has no effect"));
}

TEST(Validate, ChecksKnownSpeakers) {
  const auto wrong = [](std::vector<KnownSpeaker> speakers) {
    TranscribeOptions options;
    options.speakers.diarize = true;
    options.speakers.known_speakers = std::move(speakers);
    const auto good = validate(options);
    return good ? std::string() : good.error().message;
  };
  EXPECT_EQ(wrong({{std::string(63, 'a') + "ë", "AAAA"}}), "");
  for (const std::string& name : {std::string(), std::string(65, 'a'), std::string("a\nb"),
                                  std::string("\xff"), std::string("a\0b", 3)}) {
    EXPECT_THAT(wrong({{"Ann", "AAAA"}, {name, "AAAA"}}),
                testing::HasSubstr("known_speakers[1]: name must be 1 to 64 characters"));
  }
  EXPECT_THAT(wrong({{"SPEAKER_07", "AAAA"}}), testing::HasSubstr("must not begin with SPEAKER_"));
  EXPECT_THAT(wrong({{"Ann", "AAAA"}, {"Ann", "AAAA"}}),
              testing::HasSubstr("name must be another"));
  EXPECT_THAT(wrong({{"Ann", ""}}), testing::HasSubstr("audio_base64 must not be empty"));
  EXPECT_THAT(wrong({{"Ann", "A"}}), testing::HasSubstr("known_speakers[0]: audio_base64: "));
  EXPECT_THAT(wrong({{"Ann", std::string(1398108, 'A')}}), testing::HasSubstr("at most 1 MiB"));
  std::vector<KnownSpeaker> many;
  for (int i = 0; i < 21; ++i) many.push_back({std::to_string(i), "AAAA"});
  EXPECT_THAT(wrong(many), testing::HasSubstr("a list of at most 20 objects"));
}

}  // namespace
}  // namespace steno
