#include "telemetry/failure_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "telemetry/log.h"

namespace steno {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<std::string> lines_of(const Descriptor& file) {
  std::string text(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)), ' ');
  EXPECT_EQ(pread(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(FailureLog, LogsTheFirstFailureOfADutyAndThenAtIntervals) {
  const Descriptor file(memfd_create("log", MFD_CLOEXEC));
  Log log(LogLevel::info, LogFormat::json, file.get());
  FailureLog::Steady::time_point now{};
  std::map<Duty, int> counted;
  FailureLog failures(log, [&](Duty duty) { ++counted[duty]; },
                      {.every = std::chrono::seconds(60), .now = [&] { return now; }});
  for (int i = 0; i < 100; ++i) failures.add(Duty::unredacted_removal, "/blobs: no permission");
  failures.add(Duty::orphans, "other");
  now += std::chrono::seconds(60);
  failures.add(Duty::unredacted_removal, "/blobs: no permission");
  const auto lines = lines_of(file);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_THAT(lines[0], AllOf(HasSubstr(R"("level":"warning")"),
                              HasSubstr(R"("message":"housekeeping failed")"),
                              HasSubstr(R"("duty":"unredacted_removal")"),
                              HasSubstr("/blobs: no permission"), HasSubstr(R"("failures":1)")));
  EXPECT_THAT(lines[1], HasSubstr(R"("duty":"orphans")"));
  EXPECT_THAT(lines[2], HasSubstr(R"("failures":100)"));
  EXPECT_EQ(counted[Duty::unredacted_removal], 101);
  EXPECT_EQ(counted[Duty::orphans], 1);
}

TEST(FailureLog, HasANameForEachDuty) {
  std::set<std::string_view> names;
  for (const Duty duty : all_duties()) names.insert(to_string(duty));
  EXPECT_EQ(names.size(), static_cast<size_t>(Duty::unredacted_removal) + 1);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace steno
