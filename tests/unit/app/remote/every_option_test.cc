// Every row of the option table reaches the local run, a submission and a rerun from the command
// line.

#include "unit/options/every_option.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/command_line.h"
#include "app/remote/server_fields.h"
#include "options/option_name.h"
#include "unit/base/temporary_folder.h"

namespace steno::app {
namespace {

using Row = Option<TranscribeOptions>;

/// Options that need another one, as the command line checks it.
std::vector<std::string> needed_by(const Row& row) {
  if (row.name == "hallucination_silence_threshold") return {"--word-timestamps", "--sequential"};
  const bool is_of_speakers = row.name.ends_with("_speakers") || row.name == "require";
  return is_of_speakers ? std::vector<std::string>{"--diarize"} : std::vector<std::string>();
}

class EveryOptionOnTheCommandLine : public ::testing::Test {
 protected:
  /// The arguments that give the row the value. Rules and speakers have options of their own.
  std::vector<std::string> arguments_of(const Row& row, const OptionValue& value) const {
    if (row.type == OptionType::rules) {
      const auto& rule = std::get<std::vector<ReplaceRule>>(value).front();
      return {"--replace", rule.pattern + "=>" + rule.replacement};
    }
    if (row.type == OptionType::speakers) {
      std::ofstream(folder_.path() / "ann.wav") << "RIFF";
      return {"--known-speaker", "Ann=" + (folder_.path() / "ann.wav").string()};
    }
    if (row.type == OptionType::flag) {
      return {"--" + std::string(std::get<bool>(value) ? "" : "no-") + dashed_name(row.name)};
    }
    return {"--" + dashed_name(row.name) + "=" + option_text(value)};
  }

  CommandLine read(const Row& row) const {
    std::vector<std::string> words = {"transcribe", "a.wav"};
    for (const auto& word : needed_by(row)) words.push_back(word);
    for (const auto& word : arguments_of(row, changed_value(row))) words.push_back(word);
    std::vector<const char*> pointers;
    for (const auto& word : words) pointers.push_back(word.c_str());
    return read_command_line(pointers);
  }

  TemporaryFolder folder_;
};

TEST_F(EveryOptionOnTheCommandLine, ReachesTheLocalRun) {
  for (const Row& row : transcribe_option_table()) {
    const CommandLine line = read(row);
    ASSERT_EQ(line.command, CommandLine::Command::transcribe) << row.name << ": " << line.text;
    EXPECT_EQ(row.get(line.transcribe.options), changed_value(row)) << row.name;
  }
}

TEST_F(EveryOptionOnTheCommandLine, ReachesASubmissionAndARerun) {
  for (const Row& row : transcribe_option_table()) {
    const TranscribeOptions wanted = with_changed(row);
    TranscribeSettings settings;
    settings.options = wanted;
    TranscribeOptions submitted;
    for (const auto& [name, value] : submission_fields(settings)) {
      const auto set = set_option_text(submitted, name, value);
      EXPECT_TRUE(set.has_value()) << row.name << ": " << set.error().message;
    }
    EXPECT_EQ(submitted, wanted) << row.name;

    TranscribeOptions rerun;
    for (const auto& [name, value] : rerun_fields(wanted, {dashed_name(row.name)})) {
      const auto set = set_option_text(rerun, name, value);
      EXPECT_TRUE(set.has_value()) << row.name << ": " << set.error().message;
    }
    EXPECT_EQ(rerun, wanted) << row.name;
  }
}

}  // namespace
}  // namespace steno::app
