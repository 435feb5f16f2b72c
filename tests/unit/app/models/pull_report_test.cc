#include "app/models/pull_report.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace steno::app {
namespace {

using Stage = models::PullProgress::Stage;

models::PullProgress progress(Stage stage, std::string note, std::uint64_t done = 0,
                              std::uint64_t total = 0) {
  models::PullProgress value;
  value.stage = stage;
  value.note = std::move(note);
  value.done = done;
  value.total = total;
  return value;
}

TEST(PullReport, SaysHowFarAPullIs) {
  const auto half = progress(Stage::downloading, "model.bin", 243'000'000, 486'000'000);
  EXPECT_EQ(pull_line("small", half, 0), "small: 243 of 486 MB");
  EXPECT_EQ(pull_line("small", half, 2.5e6), "small: 243 of 486 MB, 2.5 MB/s, 1:37 left");
  EXPECT_EQ(pull_line("small", progress(Stage::asking, "a/b"), 0), "small: asking for a/b");
  EXPECT_EQ(pull_line("small", progress(Stage::retrying, "status 503"), 0),
            "small: trying again: status 503");
}

std::string said(bool is_quiet) {
  std::FILE* const stream = std::tmpfile();
  {
    PullReport report("small", stream, is_quiet);
    report.show(progress(Stage::asking, "a/b"));
    for (int i = 0; i < 5; ++i) report.show(progress(Stage::downloading, "model.bin", i, 5));
    report.show(progress(Stage::retrying, "model.bin: cut", 5, 5));
    report.show(progress(Stage::downloading, "vocabulary.txt", 5, 5));
  }
  std::rewind(stream);
  char text[1000];
  const std::size_t length = std::fread(text, 1, sizeof(text), stream);
  std::fclose(stream);
  return std::string(text, length);
}

TEST(PullReport, SaysALineForEachFileWhereThereIsNoTerminal) {
  EXPECT_EQ(said(false),
            "small: asking for a/b\n"
            "small: downloading model.bin\n"
            "small: trying again: model.bin: cut\n"
            "small: downloading vocabulary.txt\n");
  EXPECT_EQ(said(true), "small: trying again: model.bin: cut\n");
}

}  // namespace
}  // namespace steno::app
