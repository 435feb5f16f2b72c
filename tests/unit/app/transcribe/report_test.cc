#include "app/transcribe/report.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace steno::app {
namespace {

using testing::HasSubstr;
using testing::Not;

Segment segment_of(double start, double end, std::string text) {
  Segment segment;
  segment.start = start;
  segment.end = end;
  segment.text = std::move(text);
  return segment;
}

// A report with its input and its output.
class ReportTest : public testing::Test {
 protected:
  ReportTest() {
    std::signal(SIGPIPE, SIG_IGN);
    settings.inputs = {"a.mp3", "b.mp3"};
  }
  ~ReportTest() override {
    std::fclose(out_);
    std::fclose(messages_);
  }

  Report& report() {
    if (!report_) report_.emplace(settings, output, messages_, stop);
    return *report_;
  }
  void give(size_t input, std::vector<Segment> segments) {
    report().started(input);
    Transcript transcript;
    for (const Segment& segment : segments) report().segment(input, segment);
    transcript.segments = std::move(segments);
    transcript.language = "en";
    report().finished(input, std::move(transcript));
  }
  std::string printed() { return content(out_); }
  std::string said() { return content(messages_); }

  TranscribeSettings settings;
  std::stop_source stop;

 private:
  static std::string content(std::FILE* file) {
    std::string text(100000, '\0');
    std::rewind(file);
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fseek(file, 0, SEEK_END);
    return text;
  }

  std::FILE* out_ = std::tmpfile();
  std::FILE* messages_ = std::tmpfile();

 protected:
  StandardOutput output{fileno(out_)};

 private:
  std::optional<Report> report_;
};

TEST_F(ReportTest, PrintsInTheOrderOfTheInputs) {
  give(1, {segment_of(0, 1, " Second.")});
  EXPECT_EQ(printed(), "");
  give(0, {segment_of(0, 1, " First."), segment_of(1, 2, " Still.")});
  EXPECT_EQ(printed(), "==> a.mp3 <==\nFirst.\nStill.\n\n==> b.mp3 <==\nSecond.\n");
  EXPECT_FALSE(report().any_failed());
}

TEST_F(ReportTest, OneInputNeedsNoHeading) {
  settings.inputs = {"a.mp3"};
  give(0, {segment_of(0, 1, " First.")});
  EXPECT_EQ(printed(), "First.\n");
}

TEST_F(ReportTest, TimesAreAddedWhenAskedFor) {
  settings.inputs = {"a.mp3"};
  settings.timestamps = true;
  give(0, {segment_of(1.5, 3700.25, " First.")});
  EXPECT_EQ(printed(), "[00:01.500 --> 1:01:40.250] First.\n");
}

TEST_F(ReportTest, TimesAreInFilesToo) {
  const auto folder = std::filesystem::temp_directory_path() / "steno-report-test-3";
  std::filesystem::create_directories(folder);
  settings.output_dir = folder;
  settings.timestamps = true;
  settings.formats = {Format::txt, Format::tsv};
  give(0, {segment_of(0, 1, " First.")});
  std::stringstream text;
  text << std::ifstream(folder / "a.txt").rdbuf() << std::ifstream(folder / "a.tsv").rdbuf();
  EXPECT_EQ(text.str(), "[00:00.000 --> 00:01.000] First.\nstart\tend\ttext\n0\t1000\tFirst.\n");
  std::filesystem::remove_all(folder);
}

TEST_F(ReportTest, StreamPrintsTheFirstInputAtOnceAndHoldsTheSecond) {
  settings.stream = true;
  report().started(0);
  report().started(1);
  report().segment(1, segment_of(0, 1, " Second."));
  report().segment(0, segment_of(0, 1, " First."));
  EXPECT_EQ(printed(), "==> a.mp3 <==\nFirst.\n");
  report().finished(0, Transcript());
  EXPECT_THAT(printed(), HasSubstr("==> b.mp3 <==\nSecond.\n"));
}

TEST_F(ReportTest, AFailedInputIsOneLineAndTheOtherIsDone) {
  report().started(0);
  report().finished(0, fail(Errc::bad_audio, "a.mp3: not audio"));
  give(1, {segment_of(0, 1, " Second.")});
  EXPECT_EQ(said(), "steno: a.mp3: not audio\n");
  EXPECT_THAT(printed(), HasSubstr("Second."));
  EXPECT_TRUE(report().any_failed());
}

TEST_F(ReportTest, ANameCannotCommandTheTerminal) {
  settings.inputs = {"bad\033[31m\nname.wav", "b\n.mp3"};
  report().finished(0, fail(Errc::bad_audio, "bad?[31m?name.wav: not audio"));
  report().finished(0, fail(Errc::io, "bad\033[31m\nname.txt: cannot be written"));
  EXPECT_EQ(said(),
            "steno: bad?[31m?name.wav: not audio\n"
            "steno: bad?[31m?name.wav: bad?[31m?name.txt: cannot be written\n");
  report().finished(1, Transcript());
  EXPECT_EQ(printed(), "==> b?.mp3 <==\n");
}

TEST_F(ReportTest, AMessageWithoutTheFilesNameGetsIt) {
  report().finished(0, fail(Errc::io, "out of memory"));
  EXPECT_EQ(said(), "steno: a.mp3: out of memory\n");
}

TEST_F(ReportTest, QuietSaysErrorsOnly) {
  settings.quiet = true;
  Transcript transcript;
  transcript.warnings = {"a.mp3: cut off at 12 s"};
  report().finished(0, transcript);
  report().finished(1, fail(Errc::bad_audio, "b.mp3: is empty"));
  EXPECT_EQ(said(), "steno: b.mp3: is empty\n");
}

TEST_F(ReportTest, WarningsAreSaid) {
  Transcript transcript;
  transcript.warnings = {"a.mp3: cut off at 12 s"};
  report().finished(0, transcript);
  EXPECT_EQ(said(), "steno: a.mp3: cut off at 12 s\n");
  EXPECT_FALSE(report().any_failed());
}

TEST_F(ReportTest, WritesFilesAndNothingToStandardOutput) {
  const auto folder = std::filesystem::temp_directory_path() / "steno-report-test";
  std::filesystem::create_directories(folder);
  settings.output_dir = folder;
  settings.formats = {Format::txt, Format::srt};
  give(1, {segment_of(0, 1, " Second.")});
  std::stringstream text;
  text << std::ifstream(folder / "b.txt").rdbuf();
  EXPECT_EQ(text.str(), "Second.\n");
  EXPECT_TRUE(std::filesystem::exists(folder / "b.srt"));
  EXPECT_EQ(printed(), "");
  std::filesystem::remove_all(folder);
}

TEST_F(ReportTest, AFileThatCannotBeWrittenFailsItsInput) {
  settings.output_dir = "/nowhere/at/all";
  give(0, {segment_of(0, 1, " First.")});
  EXPECT_THAT(said(), HasSubstr("/nowhere/at/all/a.txt"));
  EXPECT_TRUE(report().any_failed());
}

TEST_F(ReportTest, AFileThatCannotBeWrittenLeavesTheOthers) {
  const auto folder = std::filesystem::temp_directory_path() / "steno-report-test-2";
  for (const char* name : {"a.txt", "a.srt"}) std::filesystem::create_directories(folder / name);
  settings.output_dir = folder;
  settings.formats = {Format::txt, Format::srt, Format::tsv};
  give(0, {segment_of(0, 1, " First.")});
  EXPECT_THAT(said(), HasSubstr("a.txt"));
  EXPECT_THAT(said(), HasSubstr("a.srt"));
  EXPECT_TRUE(std::filesystem::exists(folder / "a.tsv"));
  EXPECT_TRUE(report().any_failed());
  std::filesystem::remove_all(folder);
}

TEST_F(ReportTest, InterruptionPrintsWhatIsKnown) {
  give(1, {segment_of(0, 1, " Second.")});
  report().started(0);
  report().segment(0, segment_of(0, 2, " First."));
  stop.request_stop();
  report().finished(0, fail(Errc::cancelled, "a.mp3: cancelled"));
  report().conclude_interrupted();
  EXPECT_THAT(printed(), HasSubstr("==> a.mp3 <==\nFirst.\n"));
  EXPECT_THAT(printed(), HasSubstr("==> b.mp3 <==\nSecond.\n"));
  EXPECT_EQ(said(), "steno: a.mp3: interrupted; its text up to 00:02.000 has been written\n");
  EXPECT_FALSE(report().any_failed());
}

TEST_F(ReportTest, InterruptedStreamRepeatsNothing) {
  settings.stream = true;
  report().started(0);
  report().segment(0, segment_of(0, 2, " First."));
  stop.request_stop();
  report().conclude_interrupted();
  EXPECT_EQ(printed(), "==> a.mp3 <==\nFirst.\n");
}

TEST_F(ReportTest, InterruptionWritesNoHalfJson) {
  settings.inputs = {"a.mp3"};
  settings.formats = {Format::json};
  report().started(0);
  report().segment(0, segment_of(0, 2, " First."));
  stop.request_stop();
  report().conclude_interrupted();
  EXPECT_EQ(printed(), "");
}

TEST_F(ReportTest, AReaderThatGoesAwayEndsTheWorkQuietly) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  output = StandardOutput(ends[1]);
  give(0, {segment_of(0, 1, " First.")});
  EXPECT_TRUE(stop.stop_requested());
  EXPECT_EQ(said(), "");
  EXPECT_FALSE(report().any_failed());
  close(ends[1]);
}

TEST_F(ReportTest, AFullDiskUnderStandardOutputIsAnError) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  output = StandardOutput(full);
  give(0, {segment_of(0, 1, " First.")});
  give(1, {segment_of(0, 1, " Second.")});
  EXPECT_EQ(said(), "steno: standard output cannot be written: No space left on device\n");
  EXPECT_TRUE(report().any_failed());
  EXPECT_TRUE(stop.stop_requested());
  close(full);
}

TEST(TimedLine, NamesTheChannel) {
  Segment segment = segment_of(0, 1, " Hello.");
  segment.channel = 1;
  EXPECT_EQ(timed_line(segment), "[00:00.000 --> 00:01.000] Channel 1: Hello.\n");
  segment.text = " ";
  EXPECT_EQ(timed_line(segment), "");
}

}  // namespace
}  // namespace steno::app
