#include "worker/supervisor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <thread>

#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"

namespace steno {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::SizeIs;
using Steady = std::chrono::steady_clock;

bool is_there(pid_t pid) { return kill(pid, 0) == 0; }

/// Child processes that run a line of shell, with a record of their ends.
struct Workers {
  explicit Workers(std::string line, int count = 1) {
    options.workers = count;
    options.first_wait = 1ms;
    options.longest_wait = 4ms;
    options.command = [line = std::move(line)](const std::string& name) {
      return std::vector<std::string>{"/bin/sh", "-c", line, name};
    };
    options.on_end = [this](const std::string& name, const std::string& how) {
      const std::lock_guard lock(mutex);
      names.push_back(name);
      ends.push_back(how);
    };
  }
  size_t ended() {
    const std::lock_guard lock(mutex);
    return ends.size();
  }

  SupervisorOptions options;
  std::mutex mutex;
  std::vector<std::string> names;
  std::vector<std::string> ends;
};

TEST(Supervisor, StartsAgainWhatDies) {
  Workers workers("exit 3");
  {
    Supervisor supervisor(workers.options);
    EXPECT_TRUE(until([&] { return workers.ended() >= 4; }));
  }
  EXPECT_THAT(workers.ends, Contains("exit status 3"));
  std::ranges::sort(workers.names);
  EXPECT_EQ(std::ranges::adjacent_find(workers.names), workers.names.end());
}

TEST(Supervisor, WaitsLongerBeforeEachStartOfWhatDiesAtOnce) {
  Workers workers("exit 3");
  workers.options.first_wait = 1ms;
  workers.options.longest_wait = std::chrono::hours(1);
  Supervisor supervisor(workers.options);
  const auto begin = Steady::now();
  EXPECT_TRUE(until([&] { return workers.ended() >= 6; }));
  EXPECT_GE(Steady::now() - begin, 31ms);
}

TEST(Supervisor, SaysAtOnceWhichWorkerWasKilled) {
  Workers workers("exec sleep 1000", 2);
  Supervisor supervisor(workers.options);
  EXPECT_TRUE(until([&] { return supervisor.running().size() == 2; }));
  const auto before = supervisor.running();
  kill(before[0].pid, SIGKILL);
  ASSERT_TRUE(until([&] { return workers.ended() == 1; }));
  EXPECT_THAT(workers.names, testing::ElementsAre(before[0].name));
  EXPECT_THAT(workers.ends, testing::ElementsAre("signal 9"));
  EXPECT_TRUE(until([&] { return supervisor.running().size() == 2; }));
  for (const auto& process : supervisor.running()) EXPECT_NE(process.pid, before[0].pid);
}

TEST(Supervisor, StopsWithATermination) {
  Workers workers("exec sleep 1000", 2);
  Supervisor supervisor(workers.options);
  EXPECT_TRUE(until([&] { return supervisor.running().size() == 2; }));
  const auto processes = supervisor.running();
  supervisor.stop(std::chrono::hours(1));
  EXPECT_THAT(workers.ends, AllOf(SizeIs(2), Each("signal 15")));
  EXPECT_THAT(supervisor.running(), SizeIs(0));
  for (const auto& process : processes) EXPECT_FALSE(is_there(process.pid));
}

TEST(Supervisor, KillsWhatDoesNotEndWithinTheGrace) {
  TemporaryFolder folder;
  const std::string ready = (folder / "ready").string();
  Workers workers("trap '' TERM; touch " + ready + "; while :; do sleep 0.05; done");
  Supervisor supervisor(workers.options);
  ASSERT_TRUE(until([&] { return std::filesystem::exists(ready); }));
  supervisor.stop(50ms);
  EXPECT_THAT(workers.ends, testing::ElementsAre("signal 9"));
}

TEST(Supervisor, PassesOnNeitherBlockedSignalsNorOpenFiles) {
  TemporaryFolder folder;
  const int open_file = open((folder / "open").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_GE(open_file, 0);
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  Workers workers("test ! -e /proc/self/fd/" + std::to_string(open_file) + " && exec sleep 1000");
  {
    Supervisor supervisor(workers.options);
    EXPECT_TRUE(until([&] { return supervisor.running().size() == 1; }));
    supervisor.stop(std::chrono::hours(1));
  }
  EXPECT_THAT(workers.ends, testing::ElementsAre("signal 15"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(open_file);
}

TEST(Supervisor, TakesItsWorkersAlongWhenItIsKilled) {
  int pids[2];
  ASSERT_EQ(pipe(pids), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    Workers workers("exec sleep 1000");
    Supervisor supervisor(workers.options);
    until([&] { return supervisor.running().size() == 1; });
    const pid_t worker = supervisor.running()[0].pid;
    if (write(pids[1], &worker, sizeof worker) != sizeof worker) _exit(1);
    while (true) pause();
  }
  close(pids[1]);
  pid_t worker = 0;
  ASSERT_EQ(read(pids[0], &worker, sizeof worker), static_cast<ssize_t>(sizeof worker));
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // The process that inherits it may not reap it: it is gone or a zombie.
  EXPECT_TRUE(until([&] {
    if (!is_there(worker)) return true;
    FILE* const stat = fopen(("/proc/" + std::to_string(worker) + "/stat").c_str(), "r");
    if (stat == nullptr) return true;
    char state = 0;
    const int read = fscanf(stat, "%*d %*s %c", &state);
    fclose(stat);
    return read == 1 && state == 'Z';
  }));
  close(pids[0]);
}

}  // namespace
}  // namespace steno
