#include "app/config/config_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

namespace steno::app {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The whole content of a temporary file.
std::string content(std::FILE* file) {
  std::fflush(file);
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  return text;
}

// The output of one run of the command.
struct Said {
  int status;
  std::string output;
  std::string messages;
};

Said run(const ConfigSettings& settings) {
  std::FILE* const out = std::tmpfile();
  std::FILE* const messages = std::tmpfile();
  StandardOutput output(fileno(out));
  const int status = run_config_command(settings, {{"HOME", "/home"}}, output, messages);
  Said said{status, content(out), content(messages)};
  std::fclose(out);
  std::fclose(messages);
  return said;
}

TEST(ConfigCommand, CheckSaysOk) {
  const Said said = run({.action = ConfigSettings::Action::check});
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(said.output, "ok\n");
  EXPECT_EQ(said.messages, "");
}

TEST(ConfigCommand, CheckSaysEveryErrorAndEndsWithTwo) {
  const Said said =
      run({.action = ConfigSettings::Action::check,
           .flags = {.file = {},
                     .values = {{"--set", "server.thread", "1"}, {"--set", "log.level", "a\nb"}}}});
  EXPECT_EQ(said.status, 2);
  EXPECT_EQ(said.output, "");
  EXPECT_EQ(std::count(said.messages.begin(), said.messages.end(), '\n'), 2);
  EXPECT_THAT(said.messages, StartsWith("steno: --set: no setting is called \"server.thread\""));
}

TEST(ConfigCommand, ShowPrintsInEveryFormat) {
  using Format = ConfigSettings::Format;
  EXPECT_THAT(run({.format = Format::text}).output, StartsWith("data_dir = \"/home/"));
  EXPECT_THAT(run({.format = Format::json}).output, StartsWith("{\n  \"data_dir\""));
  EXPECT_THAT(run({.format = Format::markdown}).output, StartsWith("# Configuration\n"));
}

TEST(ConfigCommand, ShowPrintsWhatIsRightBesideTheErrors) {
  const Said said = run({.flags = {.file = {}, .values = {{"--workers", "worker.count", "many"}}}});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.output, HasSubstr("worker.count = 1  # default\n"));
  EXPECT_THAT(said.messages, StartsWith("steno: --workers: worker.count must be"));
}

}  // namespace
}  // namespace steno::app
