#include "telemetry/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace steno {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// A pipe to log to. Reading does not wait for more.
class Pipe {
 public:
  Pipe() {
    if (pipe(ends_) != 0) throw std::runtime_error("no pipe");
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~Pipe() {
    close_reader();
    close(ends_[1]);
  }
  int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  std::string read_all() {
    std::string text;
    char part[4096];
    for (ssize_t n = read(ends_[0], part, sizeof part); n > 0;
         n = read(ends_[0], part, sizeof part)) {
      text.append(part, static_cast<size_t>(n));
    }
    return text;
  }
  std::vector<nlohmann::json> read_lines() {
    std::vector<nlohmann::json> lines;
    std::istringstream text(read_all());
    for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

 private:
  int ends_[2];
};

TEST(Log, WritesWhatIsGraveEnough) {
  Pipe pipe;
  Log log(LogLevel::warning, LogFormat::json, pipe.writer());
  log.debug("a");
  log.info("b");
  log.warning("c", {{"job_id", "j"}});
  log.error("d");
  EXPECT_TRUE(log.writes(LogLevel::error) && log.writes(LogLevel::warning));
  EXPECT_FALSE(log.writes(LogLevel::info) || log.writes(LogLevel::debug));
  const auto lines = pipe.read_lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("message"), "c");
  EXPECT_EQ(lines[0].at("job_id"), "j");
  EXPECT_EQ(lines[1].at("level"), "error");
}

TEST(Log, IsJsonUnlessOnATerminal) {
  Pipe pipe;
  Log(LogLevel::info, LogFormat::automatic, pipe.writer()).info("x");
  EXPECT_THAT(pipe.read_all(), StartsWith("{"));
  Log(LogLevel::info, LogFormat::plain, pipe.writer()).info("x");
  EXPECT_THAT(pipe.read_all(), HasSubstr(" info    x\n"));

  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
    GTEST_SKIP() << "no pseudo-terminal on this machine";
  }
  const int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  Log(LogLevel::info, LogFormat::automatic, screen).info("x");
  char text[256];
  const ssize_t length = read(terminal, text, sizeof text);
  EXPECT_THAT(std::string(text, length > 0 ? static_cast<size_t>(length) : 0),
              HasSubstr("\033[32minfo   \033[0m x"));
  close(screen);
  close(terminal);
}

TEST(Log, LinesOfManyThreadsAreWhole) {
  constexpr int kThreads = 8;
  constexpr int kLines = 200;
  Pipe pipe;
  Log log(LogLevel::info, LogFormat::json, pipe.writer());
  std::vector<nlohmann::json> lines;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&log, i] {
        for (int j = 0; j < kLines; ++j) log.info("x", {{"thread", i}, {"line", j}});
      });
    }
    std::string text;  // a line may be read in two parts
    while (std::ranges::count(text, '\n') < kThreads * kLines) {
      text += pipe.read_all();
      std::this_thread::yield();
    }
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);) lines.push_back(nlohmann::json::parse(line));
  }
  std::set<std::pair<int, int>> seen;
  for (const auto& line : lines) seen.emplace(line.at("thread"), line.at("line"));
  EXPECT_EQ(seen.size(), size_t{kThreads * kLines});
}

TEST(Log, DropsLinesWhileTheReaderSleepsAndSaysHowMany) {
  Pipe pipe;
  Log log(LogLevel::info, LogFormat::json, pipe.writer());
  const std::string much(1000, 'x');
  constexpr int kLines = 500;  // half a megabyte: more than a pipe holds
  for (int i = 0; i < kLines; ++i) log.info("line", {{"much", much}});
  const size_t arrived = pipe.read_lines().size();
  EXPECT_GT(arrived, 0u);
  EXPECT_LT(arrived, size_t{kLines});
  log.info("awake");
  const auto after = pipe.read_lines();
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].at("lines"), kLines - arrived);
  EXPECT_EQ(after[0].at("level"), "warning");
  EXPECT_EQ(after[1].at("message"), "awake");
}

TEST(Log, SurvivesAReaderThatIsGone) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  Log log(LogLevel::info, LogFormat::json, pipe.writer());
  pipe.close_reader();
  log.info("x");
  log.info("y");
  Log(LogLevel::info, LogFormat::json, -1).info("nowhere");
  std::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace steno
