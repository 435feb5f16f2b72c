#include "api/submit/submission_form.h"

#include <gtest/gtest.h>

#include <set>

#include "options/option_table.h"

namespace steno::api {
namespace {

using nlohmann::json;

service::Outcome<Submission> checked(const json& document, size_t recordings = 0) {
  SubmissionForm form;
  form.add(document);
  return form.finish(recordings);
}

// The code and path of a field's error, with a valid url.
std::pair<std::string, std::string> wrong_with(const std::string& name, const json& value) {
  const auto result = checked({{"url", "https://a.example/b.mp3"}, {name, value}});
  if (result) return {"", ""};
  return {result.error().code, result.error().fields.at(0).path};
}

TEST(Submission, TakesEveryFieldAtItsDefaultAndExample) {
  for (const Field& field : submission_fields()) {
    for (const json& value : {field.fallback, field.example}) {
      if (value.is_null() && !field.nullable) continue;
      EXPECT_TRUE(field.check(value)) << field.name << " " << value;
    }
  }
}

TEST(Submission, HasEveryOptionOfTheEngineOnce) {
  std::set<std::string> names;
  for (const Field& field : submission_fields()) EXPECT_TRUE(names.insert(field.name).second);
  for (const auto& option : transcribe_option_table()) EXPECT_TRUE(names.contains(option.name));
}

TEST(Submission, NamesWhatIsWrongByCodeAndPath) {
  const std::tuple<const char*, json, const char*> cases[] = {
      {"priority", 10, "out_of_range"},
      {"priority", "5", "wrong_type"},
      {"priority", 1.5, "wrong_type"},
      {"priority", nullptr, "wrong_type"},
      {"beam_size", 0, "out_of_range"},
      {"beam_size", true, "wrong_type"},
      {"temperature", {0.0, "x"}, "wrong_type"},
      {"temperature", {9.0}, "out_of_range"},
      {"word_timestamps", 1, "wrong_type"},
      {"language", "klingon", "unknown_language"},
      {"task", "sing", "not_a_choice"},
      {"engine", "whisperx", "not_a_choice"},
      {"diarize", 1, "wrong_type"},
      {"num_speakers", 0, "out_of_range"},
      {"num_speakers", 2, "contradictory_options"},
      {"require", {"diarize"}, "contradictory_options"},
      {"clip_timestamps", {4, 2}, "contradictory_options"},
      {"webhook_url", "https://a.example/", "unsupported_field"},
      {"metadata", "x", "wrong_type"},
      {"metadata", {{"x", std::string(20'000, 'x')}}, "out_of_range"},
      {"recording_id", "", "invalid_text"},
      {"recording_id", "a\nb", "invalid_text"},
      {"initial_prompt", std::string("a\0b", 3), "invalid_text"},
      {"time_limit", 0, "out_of_range"},
  };
  for (const auto& [name, value, code] : cases) {
    const auto [found, path] = wrong_with(name, value);
    EXPECT_EQ(found, code) << name << " " << value;
    EXPECT_EQ(path, "$." + std::string(name));
  }
}

TEST(Submission, NamesTheItemOfAListThatIsWrong) {
  const std::tuple<const char*, const char*, const char*, const char*> cases[] = {
      {"redact", R"(["card", "pin"])", "not_a_choice", "$.redact[1]"},
      {"redact", R"("card")", "wrong_type", "$.redact"},
      {"replace", R"(["a"])", "wrong_type", "$.replace"},
      {"replace", R"([{"pattern": "a", "replacement": "b"}, {"pattern": "(", "replacement": ""}])",
       "invalid_rule", "$.replace[1].pattern"},
      {"replace", R"([{"pattern": "a", "replacement": "\\2"}])", "invalid_rule",
       "$.replace[0].replacement"},
      {"replace", R"([{"pattern": "a", "by": "b"}])", "invalid_rule", "$.replace[0].by"},
      {"replace", R"([{"pattern": "a"}])", "invalid_rule", "$.replace[0]"},
      {"known_speakers", R"([{"name": "Ann", "audio_base64": "AAAA"},
                             {"name": "SPEAKER_00", "audio_base64": "AAAA"}])",
       "invalid_speaker", "$.known_speakers[1].name"},
      {"known_speakers", R"([{"name": "Ann", "audio_base64": "A"}])", "invalid_speaker",
       "$.known_speakers[0].audio_base64"},
      {"known_speakers", R"([{"name": "Ann", "url": "AAAA"}])", "invalid_speaker",
       "$.known_speakers[0].url"},
      {"known_speakers", R"([{"name": "Ann", "audio_base64": "AAAA"},
                             {"name": "Ann", "audio_base64": "AAAA"}])",
       "invalid_speaker", "$.known_speakers"},
      {"known_speakers", R"(["Ann"])", "wrong_type", "$.known_speakers"},
  };
  for (const auto& [name, value, code, where] : cases) {
    EXPECT_EQ(wrong_with(name, json::parse(value)),
              std::pair(std::string(code), std::string(where)))
        << name << " " << value;
  }
}

TEST(Submission, TakesListsInAFormAsText) {
  SubmissionForm form;
  form.add_text("url", "https://a.example/b.mp3");
  form.add_text("redact", "card,iban");
  form.add_text("replace", R"([{"pattern":"a","replacement":"b"}])");
  const auto submission = form.finish(0);
  ASSERT_TRUE(submission) << submission.error().detail;
  const auto options = json::parse(submission->job().options);
  EXPECT_EQ(options["redact"], json::array({"card", "iban"}));
  EXPECT_EQ(options["replace"][0]["pattern"], "a");
}

TEST(Submission, LeavesTheRecordingsOfKnownSpeakersToTheCaller) {
  const json speakers = json::array({{{"name", "Ann"}, {"audio_base64", "AAAA"}}});
  const auto submission =
      checked({{"url", "https://a.example/"}, {"diarize", true}, {"known_speakers", speakers}});
  ASSERT_TRUE(submission) << submission.error().detail;
  EXPECT_EQ(submission->known_speakers(), speakers);
  EXPECT_EQ(json::parse(submission->job().options)["known_speakers"], json::array({"Ann"}));
  const auto without = checked({{"url", "https://a.example/"}, {"known_speakers", json::array()}});
  ASSERT_TRUE(without) << without.error().detail;
  EXPECT_TRUE(without->known_speakers().is_null());
  EXPECT_EQ(wrong_with("known_speakers", speakers).first, "contradictory_options");
}

TEST(Submission, TakesWhatIsRight) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, json>>{{"language", nullptr},
                                                 {"language", "German"},
                                                 {"diarize", true},
                                                 {"webhook_url", nullptr},
                                                 {"priority", 9},
                                                 {"temperature", 0},
                                                 {"temperature", {0, 0.5}},
                                                 {"engine", "stable-whisper"},
                                                 {"metadata", {{"a", {1, 2}}}}}) {
    EXPECT_EQ(wrong_with(name, value).first, "") << name << " " << value;
  }
}

TEST(Submission, RefusesUnknownFieldsWithTheNearestName) {
  const auto result = checked({{"url", "https://a.example/"}, {"beam_sise", 5}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "unknown_field");
  EXPECT_EQ(result.error().fields.at(0).path, "$.beam_sise");
  EXPECT_NE(result.error().fields.at(0).message.find("beam_size"), std::string::npos);
}

TEST(Submission, ReportsAllErrorsAtOnce) {
  const auto result = checked({{"priority", 11}, {"languag", "en"}, {"beam_size", "x"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, service::ErrorKind::invalid);
  EXPECT_EQ(result.error().fields.size(), 4u);  // and no source
}

TEST(Submission, ReportsAtMostFiftyErrors) {
  json document = {{"url", "https://a.example/"}};
  for (int i = 0; i < 50'000; ++i) document["unknown_" + std::to_string(i)] = i;
  EXPECT_EQ(checked(document).error().fields.size(), 50u);
}

TEST(Submission, RefusesUrlsThatAreNone) {
  for (const char* url :
       {"", "a.mp3", "ftp://a.example/x", "https://", "https:///x", "file:///etc/passwd",
        "https://a.example/a b", "https://a.example/#x", "//a.example/x"}) {
    const auto result = checked({{"url", url}});
    ASSERT_FALSE(result) << url;
    EXPECT_EQ(result.error().code, "invalid_url") << url;
    EXPECT_EQ(result.error().fields.size(), 1u) << url;
  }
  for (const char* url : {"s3://bucket/key", "gs://bucket/key"}) {
    EXPECT_EQ(checked({{"url", url}}).error().code, "unsupported_field") << url;
  }
  const auto list = checked({{"urls", {"https://a.example/1", "nothing"}}});
  ASSERT_FALSE(list);
  EXPECT_EQ(list.error().fields.at(0).path, "$.urls[1]");
  EXPECT_EQ(checked({{"urls", json::array()}}).error().code, "out_of_range");
}

TEST(Submission, WantsExactlyOneSource) {
  EXPECT_EQ(checked(json::object()).error().code, "no_audio_source");
  EXPECT_EQ(checked({{"url", "https://a.example/"}, {"upload_id", "upl_1"}}).error().code,
            "several_audio_sources");
  EXPECT_EQ(checked({{"url", "https://a.example/"}}, 1).error().code, "several_audio_sources");
  EXPECT_TRUE(checked(json::object(), 1));
  EXPECT_TRUE(checked(json::object(), 3));
  EXPECT_EQ(checked(json::array()).error().code, "wrong_type");
}

TEST(Submission, TextsMeanWhatTheirJsonMeans) {
  const std::pair<const char*, const char*> texts[] = {
      {"url", "https://a.example/b"}, {"priority", "7"},    {"diarize", "false"},
      {"temperature", "0,0.2"},       {"language", "none"}, {"metadata", R"({"a": 1})"},
      {"word_timestamps", "no"},      {"beam_size", "3"}};
  SubmissionForm form;
  for (const auto& [name, value] : texts) form.add_text(name, value);
  const auto from_text = form.finish(0);
  ASSERT_TRUE(from_text) << from_text.error().detail;
  const auto from_json = checked({{"url", "https://a.example/b"},
                                  {"priority", 7},
                                  {"diarize", false},
                                  {"temperature", {0, 0.2}},
                                  {"language", nullptr},
                                  {"metadata", {{"a", 1}}},
                                  {"word_timestamps", false},
                                  {"beam_size", 3}});
  ASSERT_TRUE(from_json);
  EXPECT_EQ(from_text->canonical(), from_json->canonical());
}

TEST(Submission, RefusesTextsThatAreNone) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"priority", "high", "wrong_type"},
      {"priority", "5x", "wrong_type"},
      {"priority", "nan", "wrong_type"},
      {"temperature", "0,,1", "wrong_type"},
      {"metadata", "{", "wrong_type"},
      {"metadata", R"({"a":1,"a":2})", "wrong_type"},
      {"urls", "https://a.example/", "wrong_type"},
      {"initial_prompt", "\xff", "invalid_text"},
      {"nothing_like_it_xyz", "1", "unknown_field"}};
  for (const auto& [name, value, code] : cases) {
    SubmissionForm form;
    form.add_text(name, value);
    const auto result = form.finish(1);
    ASSERT_FALSE(result) << name << "=" << value;
    EXPECT_EQ(result.error().code, code) << name << "=" << value;
  }
  SubmissionForm twice;
  twice.add_text("priority", "1");
  twice.add_text("priority", "1");
  EXPECT_EQ(twice.finish(1).error().code, "duplicate_field");
}

TEST(Submission, BecomesAJobWithTheOptionsThatWereGiven) {
  const auto submission = checked({{"url", "https://a.example/b"},
                                   {"language", "German"},
                                   {"beam_size", 3},
                                   {"priority", 8},
                                   {"extra_data", false},
                                   {"recording_id", "r1"},
                                   {"time_limit", 60},
                                   {"metadata", {{"k", "v"}}}});
  ASSERT_TRUE(submission);
  const Job job = submission->job();
  EXPECT_EQ(
      json::parse(job.options),
      (json{
          {"language", "de"}, {"beam_size", 3}, {"word_timestamps", true}, {"extra_data", false}}));
  EXPECT_EQ(job.priority, 8);
  EXPECT_EQ(job.recording_id, "r1");
  EXPECT_EQ(job.time_limit, std::chrono::minutes(1));
  EXPECT_EQ(job.metadata, R"({"k":"v"})");
  EXPECT_EQ(json::parse(checked({{"url", "https://a.example/b"}})->job().options),
            (json{{"word_timestamps", true}}));
}

}  // namespace
}  // namespace steno::api
