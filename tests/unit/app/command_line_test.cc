#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "options/option_table.h"

namespace steno::app {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

CommandLine read(std::vector<const char*> arguments) { return read_command_line(arguments); }

TranscribeSettings good(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "transcribe");
  const CommandLine line = read(arguments);
  EXPECT_EQ(line.command, CommandLine::Command::transcribe) << line.text;
  return line.transcribe;
}

std::string refused(std::vector<const char*> arguments) {
  const CommandLine line = read(arguments);
  EXPECT_EQ(line.command, CommandLine::Command::none);
  EXPECT_EQ(line.status, 2);
  EXPECT_THAT(line.text, StartsWith("steno: "));
  return line.text;
}

TEST(CommandLine, ReadsInputsAndOptionsInAnyOrder) {
  const auto settings = good({"a.mp3", "--beam-size", "3", "-", "-m", "tiny.en", "--format",
                              "json,srt", "-o", "out", "b c.wav"});
  EXPECT_THAT(settings.inputs, ElementsAre("a.mp3", "-", "b c.wav"));
  EXPECT_EQ(settings.options.beam_size, 3);
  EXPECT_EQ(settings.model, "tiny.en");
  EXPECT_THAT(settings.formats, ElementsAre(Format::json, Format::srt));
  EXPECT_EQ(settings.output_dir, "out");
}

TEST(CommandLine, HasTheDefaults) {
  const auto settings = good({"a.mp3"});
  EXPECT_EQ(settings.model, "base");
  EXPECT_THAT(settings.formats, ElementsAre(Format::txt));
  EXPECT_EQ(settings.options.decoding, Decoding::batched);
  EXPECT_EQ(settings.options.temperature.size(), 6u);
  EXPECT_EQ(settings.device.device, "auto");
  EXPECT_FALSE(settings.stream || settings.quiet || settings.verbose || settings.timestamps);
}

TEST(CommandLine, TakesWhisperSpelling) {
  const auto settings =
      good({"--word_timestamps", "True", "--vad_filter", "False", "--beam_size=2",
            "--output_format", "srt", "--output_dir=out_dir", "--language", "German", "a.mp3"});
  EXPECT_TRUE(settings.options.word_timestamps);
  EXPECT_FALSE(settings.options.vad_filter);
  EXPECT_EQ(settings.options.beam_size, 2);
  EXPECT_THAT(settings.formats, ElementsAre(Format::srt));
  EXPECT_EQ(settings.output_dir, "out_dir");
  EXPECT_EQ(settings.options.language, "de");
  EXPECT_THAT(settings.inputs, ElementsAre("a.mp3"));
}

TEST(CommandLine, FlagsCanBeNegated) {
  EXPECT_FALSE(good({"--no-vad-filter", "a"}).options.vad_filter);
  EXPECT_FALSE(good({"--no-condition-on-previous-text", "a"}).options.condition_on_previous_text);
  EXPECT_TRUE(good({"--multilingual", "a"}).options.multilingual);
  EXPECT_EQ(good({"--without-timestamps", "a"}).options.without_timestamps, true);
  EXPECT_EQ(good({"--sequential", "a"}).options.decoding, Decoding::sequential);
}

TEST(CommandLine, TakesNegativeAndEmptyValues) {
  EXPECT_EQ(good({"--log-prob-threshold", "-0.5", "a"}).options.log_prob_threshold, -0.5);
  EXPECT_EQ(good({"--log-prob-threshold", "none", "a"}).options.log_prob_threshold, std::nullopt);
  EXPECT_THAT(good({"--suppress-tokens", "-1,50", "a"}).options.suppress_tokens,
              ElementsAre(-1, 50));
  EXPECT_THAT(good({"--suppress-tokens", "", "a"}).options.suppress_tokens, ElementsAre());
  EXPECT_EQ(good({"--prepend-punctuations=-", "a"}).options.prepend_punctuations, "-");
  EXPECT_EQ(good({"--append-punctuations", "", "a"}).options.append_punctuations, "");
}

TEST(CommandLine, TheLastOfTwoValuesCounts) {
  EXPECT_EQ(good({"--beam-size", "3", "--beam-size", "4", "a"}).options.beam_size, 4);
}

TEST(CommandLine, TheLastWordOnTheDecodingCounts) {
  using enum Decoding;
  EXPECT_EQ(good({"--sequential", "--decoding", "batched", "a"}).options.decoding, batched);
  EXPECT_EQ(good({"--decoding", "batched", "--sequential", "a"}).options.decoding, sequential);
  EXPECT_EQ(good({"--sequential", "False", "a"}).options.decoding, batched);
  EXPECT_THAT(refused({"transcribe", "--sequential=maybe", "a"}),
              HasSubstr("sequential must be true or false, not \"maybe\""));
  EXPECT_THAT(read({"transcribe", "--help"}).text, HasSubstr("--sequential "));
}

TEST(CommandLine, TakesWhatIsToBeDoneWithTheText) {
  const auto settings =
      good({"--redact", "card, iban", "--no-filler-words", "--paragraphs", "--replace", "a=>b=>c",
            "--replace", "x+=>", "--cues", "segments", "a"});
  const PostOptions& post = settings.options.post;
  EXPECT_THAT(post.redact, ElementsAre(Redaction::card, Redaction::iban));
  EXPECT_FALSE(post.filler_words);
  EXPECT_TRUE(post.paragraphs);
  EXPECT_THAT(post.replace, ElementsAre(ReplaceRule{"a", "b=>c"}, ReplaceRule{"x+", ""}));
  EXPECT_EQ(settings.subtitles.cues, CueRule::segments);
  EXPECT_THAT(refused({"transcribe", "--redact", "cards", "a"}),
              HasSubstr("redact must be one or more of card, iban, email, phone and number"));
  EXPECT_THAT(refused({"transcribe", "--replace", "a", "a"}),
              HasSubstr("replace must be PATTERN=>TEXT"));
  EXPECT_THAT(refused({"transcribe", "--replace", "(a=>b", "a"}),
              HasSubstr("replace[0]: pattern: at character 3, missing )"));
  EXPECT_THAT(refused({"transcribe", "--replace-file", "/no/such/file", "a"}),
              HasSubstr("/no/such/file"));
  EXPECT_THAT(refused({"transcribe", "--cues", "words", "a"}),
              HasSubstr("cues must be sentences or segments"));
}

TEST(CommandLine, SubtitlesNeedTheTimesOfWords) {
  EXPECT_TRUE(decoding_options(good({"-f", "srt", "a"})).word_timestamps);
  EXPECT_FALSE(decoding_options(good({"-f", "srt", "--cues", "segments", "a"})).word_timestamps);
  EXPECT_FALSE(decoding_options(good({"a"})).word_timestamps);
}

TEST(CommandLine, FilesMayLookLikeOptionsAndCommands) {
  EXPECT_THAT(good({"--", "-a.mp3", "--b"}).inputs, ElementsAre("-a.mp3", "--b"));
  EXPECT_THAT(good({"transcribe", "models"}).inputs, ElementsAre("transcribe", "models"));
}

TEST(CommandLine, AFileAloneIsTranscribed) {
  const std::string file =
      (std::filesystem::temp_directory_path() / "steno-a-file-alone.wav").string();
  std::ofstream(file) << "RIFF";
  const CommandLine line = read({file.c_str(), "--format", "json"});
  std::filesystem::remove(file);
  EXPECT_EQ(line.command, CommandLine::Command::transcribe) << line.text;
  EXPECT_THAT(line.transcribe.inputs, ElementsAre(file));
  EXPECT_THAT(line.transcribe.formats, ElementsAre(Format::json));
  EXPECT_THAT(refused({file.c_str()}), HasSubstr("no command is called"));  // it is gone
}

TEST(CommandLine, HelpAndVersionAreCommandsToo) {
  for (const auto& [short_form, long_form] :
       std::vector<std::pair<std::vector<const char*>, std::vector<const char*>>>{
           {{"version"}, {"--version"}},
           {{"help"}, {"--help"}},
           {{"help", "transcribe"}, {"transcribe", "--help"}},
           {{"help", "models", "pull"}, {"models", "pull", "--help"}}}) {
    const CommandLine line = read(short_form);
    EXPECT_EQ(line.status, 0);
    EXPECT_FALSE(line.text.empty());
    EXPECT_EQ(line.text, read(long_form).text);
  }
  EXPECT_THAT(refused({"help", "transcribing"}), HasSubstr("transcribe"));
}

TEST(CommandLine, EveryOptionOfTheTablesIsThere) {
  const CommandLine help = read({"transcribe", "--help"});
  EXPECT_EQ(help.status, 0);
  for (const auto& row : transcribe_option_table()) {
    std::string name = row.name;
    std::ranges::replace(name, '_', '-');
    if (name == "known-speakers") name = "--known-speaker ";  // accepts one value at a time
    EXPECT_THAT(help.text, HasSubstr(name));
  }
  for (const char* name : {"--device ", "--device-index", "--compute-type", "--cpu-threads",
                           "--num-workers", "--max-line-width", "--highlight-words"}) {
    EXPECT_THAT(help.text, HasSubstr(name));
  }
}

TEST(CommandLine, RefusesValuesWithTheirRange) {
  EXPECT_THAT(refused({"transcribe", "--beam-size", "0", "a"}),
              HasSubstr("beam_size must be a whole number from 1 to 100, not \"0\""));
  EXPECT_THAT(refused({"transcribe", "--device", "gpu", "a"}),
              HasSubstr("device must be auto, cpu or cuda"));
  EXPECT_THAT(refused({"transcribe", "--vad-filter=maybe", "a"}),
              HasSubstr("vad_filter must be true or false, not \"maybe\""));
  EXPECT_THAT(refused({"transcribe", "--format", "doc", "a"}), HasSubstr("srt"));
  EXPECT_THAT(refused({"transcribe", "--max-line-width", "0", "a"}),
              HasSubstr("max_line_width must be a whole number from 1"));
  EXPECT_THAT(refused({"transcribe", "--clip-timestamps", "5,1", "a"}),
              HasSubstr("clip_timestamps must be"));
}

TEST(CommandLine, HintsAtWhatWasMeant) {
  EXPECT_THAT(refused({"transcribe", "--beamsize", "5", "a"}),
              HasSubstr("no option is called --beamsize; did you mean --beam-size?"));
  EXPECT_THAT(refused({"transcrib", "a"}),
              HasSubstr("no command is called \"transcrib\"; did you mean transcribe?"));
  EXPECT_THAT(refused({"transcribe", "--language", "germn", "a"}), HasSubstr("german?"));
}

TEST(CommandLine, RefusesWhatCannotBe) {
  EXPECT_THAT(refused({}), HasSubstr("a command is missing"));
  EXPECT_THAT(refused({"transcribe"}), HasSubstr("FILE"));
  EXPECT_THAT(refused({"transcribe", "-", "-"}), HasSubstr("only once"));
  EXPECT_THAT(refused({"transcribe", "--format", "txt,json", "a"}), HasSubstr("--output-dir"));
  EXPECT_THAT(refused({"transcribe", "--format", "verbose_json", "--stream", "a"}),
              HasSubstr("--stream cannot"));
  for (const std::string format : {"json", "srt", "vtt", "tsv"}) {
    EXPECT_THAT(refused({"transcribe", "-f", format.c_str(), "a", "b"}),
                HasSubstr(format + " of several files needs --output-dir"));
    good({"-f", format.c_str(), "-o", "out", "a", "b"});
  }
  good({"--stream", "-f", "json", "a", "b"});
  EXPECT_THAT(refused({"transcribe", "-q", "-v", "a"}), HasSubstr("contradict"));
  EXPECT_THAT(refused({"transcribe", "a", "--beam-size"}), HasSubstr("--beam-size"));
}

TEST(CommandLine, RefusesOptionsWithoutEffect) {
  EXPECT_THAT(refused({"transcribe", "--cues", "segments", "--max-line-count", "2", "a"}),
              HasSubstr("--max-line-count needs --max-line-width"));
  EXPECT_THAT(refused({"transcribe", "--cues", "segments", "--max-words-per-line", "2",
                       "--max-line-width", "20", "a"}),
              HasSubstr("--max-words-per-line and --max-line-width exclude each other"));
  EXPECT_THAT(refused({"transcribe", "--timestamps", "-f", "srt", "a"}),
              HasSubstr("--timestamps is for --format txt; srt has times of its own"));
  EXPECT_TRUE(good({"--timestamps", "-f", "srt,txt", "-o", "out", "a"}).timestamps);
  EXPECT_THAT(refused({"transcribe", "-o", "", "a"}), HasSubstr("output_dir must not be empty"));
  EXPECT_THAT(refused({"transcribe", "--hallucination-silence-threshold", "2", "a"}),
              HasSubstr("--hallucination-silence-threshold needs --word-timestamps"));
  EXPECT_THAT(
      refused({"transcribe", "--hallucination-silence-threshold", "2", "--word-timestamps", "a"}),
      HasSubstr("--hallucination-silence-threshold needs --sequential"));
  const char* const threshold = "--hallucination-silence-threshold";
  good({"--sequential", threshold, "2", "--word-timestamps", "a"});
  good({"--sequential", threshold, "2", "--highlight-words", "a"});
}

TEST(CommandLine, RefusesVoiceActivityOptionsWithoutVoiceActivity) {
  const std::vector<std::vector<const char*>> all = {
      {"--vad-threshold", "0.4"},
      {"--vad-neg-threshold", "0.1"},
      {"--vad-min-speech-duration-ms", "9"},
      {"--vad-max-speech-duration-s", "9"},
      {"--vad-min-silence-duration-ms", "9"},
      {"--vad-speech-pad-ms", "9"},
  };
  for (const auto& option : all) {
    const std::string says = std::string(option[0]) + " has no effect with ";
    good({option[0], option[1], "a"});
    EXPECT_THAT(refused({"transcribe", "--no-vad-filter", option[0], option[1], "a"}),
                HasSubstr(says + "--no-vad-filter"));
    EXPECT_THAT(refused({"transcribe", "--clip-timestamps", "1,2", option[0], option[1], "a"}),
                HasSubstr(says + "--clip-timestamps"));
  }
  good({"--no-vad-filter", "--vad-threshold", "0.5", "a"});  // the default
}

TEST(CommandLine, RefusesOutputsThatMeet) {
  EXPECT_THAT(refused({"transcribe", "-o", "out", "x/a\n\033.mp3", "y/a\n\033.wav"}),
              HasSubstr("x/a??.mp3 and y/a??.wav would both be written to out/a??.txt\n"));
  EXPECT_THAT(refused({"transcribe", "-o", "out", "x/talk.mp3", "y/talk.wav"}),
              HasSubstr("x/talk.mp3 and y/talk.wav would both be written to out/talk.txt"));
  const auto folder = std::filesystem::temp_directory_path() / "steno-command-line-test";
  std::filesystem::create_directories(folder);
  const std::string input = folder / "talk.txt";
  std::ofstream(input) << "audio";
  EXPECT_THAT(refused({"transcribe", "-o", folder.c_str(), input.c_str()}),
              HasSubstr("would be overwritten"));
  std::filesystem::remove_all(folder);
}

ModelsSettings good_models(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "models");
  const CommandLine line = read(arguments);
  EXPECT_EQ(line.command, CommandLine::Command::models) << line.text;
  return line.models;
}

TEST(CommandLine, ReadsModelsCommands) {
  using Action = ModelsSettings::Action;
  EXPECT_EQ(good_models({}).action, Action::list);
  EXPECT_EQ(good_models({"list"}).action, Action::list);
  const auto pull = good_models({"pull", "small", "owner/repo", "--revision", "v2", "-q"});
  EXPECT_EQ(pull.action, Action::pull);
  EXPECT_THAT(pull.models, ElementsAre("small", "owner/repo"));
  EXPECT_EQ(pull.revision, "v2");
  EXPECT_TRUE(pull.quiet);
  EXPECT_EQ(good_models({"pull", "small"}).revision, "main");
  EXPECT_EQ(good_models({"path", "small"}).action, Action::path);
  EXPECT_EQ(good_models({"remove", "small"}).action, Action::remove);
  EXPECT_EQ(good_models({"convert", "./folder"}).action, Action::convert);
}

TEST(CommandLine, RefusesWrongModelsCommands) {
  EXPECT_THAT(refused({"models", "pul", "small"}),
              AllOf(HasSubstr("did you mean pull?"), HasSubstr("Try steno models --help")));
  EXPECT_THAT(refused({"models", "pull"}), HasSubstr("model is required"));
  EXPECT_THAT(refused({"models", "pull", "small", "--revison", "x"}),
              AllOf(HasSubstr("did you mean --revision?"), HasSubstr("steno models pull --help")));
  EXPECT_THAT(refused({"models", "list", "small"}), StartsWith("steno: "));
}

TEST(CommandLine, ReadsTheSharedFlagsOfTheConfiguration) {
  const CommandLine line =
      read({"config", "show", "--format", "json", "--config=a.toml", "--workers", "2", "--listen",
            "127.0.0.1:1", "--set", "worker.count=3", "--set=worker.model=x=y", "--listen=[::1]:2",
            "--data-dir", "d", "--log-level", "debug"});
  ASSERT_EQ(line.command, CommandLine::Command::config) << line.text;
  EXPECT_EQ(line.config.action, ConfigSettings::Action::show);
  EXPECT_EQ(line.config.format, ConfigSettings::Format::json);
  EXPECT_EQ(line.config.flags.file, "a.toml");
  std::vector<std::string> values;
  for (const ConfigFlag& value : line.config.flags.values) {
    values.push_back(value.flag + " " + value.key + "=" + value.text);
  }
  // --set first, so that the named flags override it.
  EXPECT_THAT(values,
              ElementsAre("--set worker.count=3", "--set worker.model=x=y", "--data-dir data_dir=d",
                          "--listen server.listen=127.0.0.1:1,[::1]:2", "--workers worker.count=2",
                          "--log-level log.level=debug"));
}

TEST(CommandLine, ReadsConfigCheck) {
  const CommandLine line = read({"config", "check"});
  ASSERT_EQ(line.command, CommandLine::Command::config) << line.text;
  EXPECT_EQ(line.config.action, ConfigSettings::Action::check);
  EXPECT_THAT(refused({"config"}), HasSubstr("a command is missing"));
  EXPECT_THAT(refused({"config", "chek"}), HasSubstr("did you mean check?"));
  EXPECT_THAT(refused({"config", "check", "--lisen", "a"}), HasSubstr("did you mean --listen?"));
  EXPECT_THAT(refused({"config", "check", "--set", "x"}), HasSubstr("KEY=VALUE"));
  EXPECT_THAT(refused({"config", "show", "--format", "xml"}), HasSubstr("text, json or markdown"));
}

TEST(CommandLine, HelpAndVersionSucceed) {
  EXPECT_THAT(read({"--version"}).text, StartsWith("steno 0."));
  const CommandLine help = read({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.text, HasSubstr("transcribe"));
}

TEST(CommandLine, NamesOutputsAfterInputs) {
  EXPECT_EQ(output_name("a/talk.mp3"), "talk");
  EXPECT_EQ(output_name("talk.tar.mp3"), "talk.tar");
  EXPECT_EQ(output_name("-"), "stdin");
  EXPECT_EQ(output_name(".mp3"), ".mp3");
}

JobsSettings jobs(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "jobs");
  const CommandLine line = read(arguments);
  EXPECT_EQ(line.command, CommandLine::Command::jobs) << line.text;
  return line.jobs;
}

TEST(CommandLine, ReadsTheActionsOnJobs) {
  using Action = JobsSettings::Action;
  EXPECT_EQ(jobs({}).action, Action::list);
  const auto list = jobs({"list", "--status", "failed", "--limit", "7", "--format", "json"});
  EXPECT_EQ(list.status, "failed");
  EXPECT_EQ(list.limit, 7);
  EXPECT_EQ(list.output, JobsSettings::Output::json);
  const auto result = jobs({"result", "job_1", "--format", "vtt", "-o", "a.vtt"});
  EXPECT_EQ(result.action, Action::result);
  EXPECT_EQ(result.format, Format::vtt);
  EXPECT_EQ(result.file, "a.vtt");
  EXPECT_THAT(jobs({"purge", "a", "b"}).ids, ElementsAre("a", "b"));
  EXPECT_EQ(jobs({"show", "--server", "http://host:1", "a"}).server.url, "http://host:1");
  EXPECT_EQ(jobs({"watch", "a", "--api-key-file", "key"}).server.api_key_file, "key");
}

TEST(CommandLine, RefusesActionsOnJobsThatMakeNoSense) {
  EXPECT_THAT(refused({"jobs", "list", "--status", "done"}), HasSubstr("--status must be pending"));
  EXPECT_THAT(refused({"jobs", "list", "--limit", "0"}), HasSubstr("--limit"));
  EXPECT_THAT(refused({"jobs", "show"}), HasSubstr("ID"));
  EXPECT_THAT(refused({"jobs", "cancel"}), HasSubstr("ID"));
  EXPECT_THAT(refused({"jobs", "result", "a", "--format", "doc"}), HasSubstr("srt"));
  EXPECT_THAT(refused({"jobs", "cancle", "a"}), HasSubstr("did you mean cancel?"));
  EXPECT_THAT(refused({"jobs", "list", "--api-key", "k"}), HasSubstr("no option is called"));
}

TEST(CommandLine, AServiceMayDoTheWork) {
  const auto settings = good({"--server", "http://host", "--beam-size", "2", "a.mp3"});
  EXPECT_TRUE(settings.by_service);
  EXPECT_EQ(settings.server.url, "http://host");
  EXPECT_THAT(settings.given, UnorderedElementsAre("server", "beam-size"));
  const auto of_environment = good({"--server", "a.mp3", "b.mp3"});
  EXPECT_TRUE(of_environment.by_service);
  EXPECT_EQ(of_environment.server.url, "");
  EXPECT_THAT(of_environment.inputs, ElementsAre("a.mp3", "b.mp3"));
  EXPECT_FALSE(good({"a.mp3"}).by_service);
  EXPECT_THAT(refused({"transcribe", "--server", "--device", "cpu", "a"}), HasSubstr("--device"));
  EXPECT_THAT(refused({"transcribe", "--api-key-file", "k", "a"}), HasSubstr("needs --server"));
}

}  // namespace
}  // namespace steno::app
