#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace steno::sandbox {
namespace {

using ::testing::HasSubstr;

/// Sends text to the owner of the child.
void say(int channel, const std::string& text) {
  iovec data{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  ::sendmsg(channel, &message, MSG_NOSIGNAL);
}

/// All that the child sends until it closes the channel.
std::string heard(const Child& child) {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t count = 0;
  while ((count = ::read(child.channel(), buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

struct Outcome {
  std::string text;
  Ending ending;
};

Outcome run(const Sandbox::Task& task, const Limits& limits = {}) {
  const Sandbox sandbox(task);
  auto child = sandbox.start(limits);
  if (!child) throw std::runtime_error(child.error().message);
  Outcome outcome;
  outcome.text = heard(*child);
  outcome.ending = child->end();
  return outcome;
}

/// Error number of a call that must fail, or 0.
template <class Call>
std::string result_of(const std::string& name, const Call& call) {
  errno = 0;
  return call() >= 0 ? name + " is allowed\n" : name + ": " + std::to_string(errno) + "\n";
}

void try_forbidden_calls(int channel) {
  std::string all;
  const auto attempt = [&](const char* name, const auto& call) { all += result_of(name, call); };
  attempt("open", [] { return ::open("/etc/passwd", O_RDONLY); });
  attempt("open to write", [] { return ::open("/dev/null", O_WRONLY); });
  attempt("create", [] { return ::open("/tmp/steno-escaped", O_CREAT | O_WRONLY, 0600); });
  attempt("memfd", [] { return ::memfd_create("a", 0); });
  struct stat status {};
  attempt("stat", [&] { return ::stat("/etc", &status); });
  attempt("unlink", [] { return ::unlink("/tmp/steno-escaped"); });
  attempt("internet socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); });
  attempt("local socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); });
  const sockaddr_in address{AF_INET, 80, {}, {}};
  attempt("connect", [&] {
    return ::connect(channel, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  });
  attempt("fork", [] { return ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0); });
  char* const nothing[] = {nullptr};
  attempt("exec", [&] { return ::execve("/bin/true", nothing, nothing); });
  attempt("kill", [] { return ::kill(::getppid(), SIGKILL); });
  attempt("ptrace", [] { return ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr); });
  attempt("code", [] {
    void* page = ::mmap(nullptr, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : 0;
  });
  const rlimit endless{RLIM_INFINITY, RLIM_INFINITY};
  attempt("more memory", [&] { return ::setrlimit(RLIMIT_AS, &endless); });
  say(channel, all);
}

TEST(Sandbox, ReachesNothingButItsChannel) {
  if (kIsSanitized) return;  // sanitizers are allowed more
  const Outcome outcome = run(try_forbidden_calls);
  EXPECT_EQ(outcome.ending.cause, Cause::done) << outcome.ending.text;
  EXPECT_THAT(outcome.text, testing::Not(HasSubstr("is allowed")));
  EXPECT_THAT(outcome.text, HasSubstr("open: " + std::to_string(EPERM) + "\n"));
  EXPECT_THAT(outcome.text, HasSubstr("internet socket: " + std::to_string(EPERM) + "\n"));
  EXPECT_THAT(outcome.text, HasSubstr("fork: " + std::to_string(EPERM) + "\n"));
  EXPECT_THAT(outcome.text, HasSubstr("exec: " + std::to_string(EPERM) + "\n"));
}

/// Makes one value of the first argument of a system call fail with ENOSYS, as on an old kernel.
void take_away(long call, std::uint32_t argument) {
  constexpr std::uint32_t kLow = offsetof(seccomp_data, args);
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kLow),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, argument, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) ::_exit(9);
}

/// In a process of its own, on a kernel that lacks something: exit status 0 if `is_right`.
template <class Check>
void expect_on_old_kernel(const std::vector<std::pair<long, std::uint32_t>>& lacks,
                          const Check& is_right) {
  const pid_t process = ::fork();
  if (process == 0) {
    for (const auto& [call, argument] : lacks) take_away(call, argument);
    ::_exit(is_right() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  EXPECT_EQ(status, 0);
}

TEST(Sandbox, WorksWithWhatTheKernelHas) {
  const auto opens_a_file = [](int channel) {
    say(channel, ::open("/etc/passwd", O_RDONLY) >= 0 ? "open" : "shut");
  };
  const auto hears = [&](Protection expected) {
    const Sandbox sandbox(opens_a_file);
    auto child = sandbox.start({});
    const Protection protection = sandbox.protection();
    return child && protection.system_calls == expected.system_calls &&
           protection.files == expected.files && heard(*child) == "shut";
  };
  expect_on_old_kernel({}, [&] { return hears({true, true}); });
  // The last to be taken away: the filters come by the same call.
  const std::pair<long, std::uint32_t> seccomp = {SYS_prctl, PR_SET_SECCOMP};
  const std::pair<long, std::uint32_t> landlock = {SYS_landlock_create_ruleset, 0};
  expect_on_old_kernel({seccomp}, [&] { return hears({false, true}); });
  expect_on_old_kernel({landlock, seccomp}, [&] { return hears({false, false}); });
}

TEST(Sandbox, KnowsNoSecretOfItsParent) {
  ::setenv("STENO_TEST_SECRET", "hunter2-in-the-environment", 1);
  const char* secret = ::getenv("STENO_TEST_SECRET");
  std::string argument = "hunter2-in-the-arguments";
  std::string name = "steno";
  std::vector<char*> arguments = {name.data(), argument.data()};
  const Sandbox sandbox(
      [secret, text = argument.data()](int channel) {
        say(channel, std::string(secret) + text + (environ == nullptr ? "" : "some environment"));
      },
      {.arguments = arguments});
  auto child = sandbox.start({});
  ASSERT_TRUE(child);
  EXPECT_EQ(heard(*child), "");
  EXPECT_EQ(argument, "hunter2-in-the-arguments") << "the parent needs it";
  ::unsetenv("STENO_TEST_SECRET");
}

TEST(Sandbox, InheritsNoDescriptor) {
  const int file = ::open("/etc/passwd", O_RDONLY);
  ASSERT_GE(file, 0);
  const Outcome outcome = run([](int channel) {
    char byte = 0;
    for (int other = 0; other < 1024; ++other) {
      if (other != channel && ::read(other, &byte, 1) > 0)
        say(channel, std::to_string(other) + " ");
    }
  });
  EXPECT_EQ(outcome.text, "");
  ::close(file);
}

void take_all_memory(int) {
  std::vector<std::vector<char>> all;
  while (true) all.emplace_back(16 << 20, 'x');
}

TEST(Sandbox, EndsWhatTakesTooMuchMemory) {
  if (kIsSanitized) return;  // sanitizers need all address space
  const Outcome outcome = run(take_all_memory);
  EXPECT_EQ(outcome.ending.cause, Cause::memory) << outcome.ending.text;
  EXPECT_LT(outcome.ending.peak_bytes, 300'000'000u);
  EXPECT_GT(outcome.ending.peak_bytes, 200'000'000u);
}

void run_for_ever(int channel) {
  say(channel, std::to_string(::getpid()) + "\n");
  volatile bool is_over = false;
  while (!is_over) {
  }
}

TEST(Sandbox, EndsAnEndlessLoop) {
  Limits limits;
  limits.processor_seconds = 1;
  const Outcome outcome = run(run_for_ever, limits);
  EXPECT_EQ(outcome.ending.cause, Cause::processor_time) << outcome.ending.text;
}

TEST(Sandbox, GrantsProcessorTime) {
  Limits limits;
  limits.processor_seconds = 1;
  const Outcome outcome = run(
      [](int channel) {
        for (int i = 0; i < 4; ++i) {
          grant_processor_time(1);
          rusage used{};
          do ::getrusage(RUSAGE_SELF, &used);
          while (used.ru_utime.tv_sec + used.ru_stime.tv_sec < i / 2 + 1);
        }
        say(channel, "done");
      },
      limits);
  EXPECT_EQ(outcome.text, "done");
  EXPECT_EQ(outcome.ending.cause, Cause::done);
}

TEST(Sandbox, TellsHowAChildEnded) {
  struct Case {
    Sandbox::Task task;
    Cause cause;
    std::string text;
  };
  const std::vector<Case> cases = {
      {[](int) {}, Cause::done, "exit status 0"},
      {[](int) { std::abort(); }, Cause::crash, "signal 6"},
      {[](int) { throw std::runtime_error("a fault"); }, Cause::crash, "exit status 4"},
      {[](int) { ::_exit(9); }, Cause::crash, "exit status 9"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = run(c.task);
    EXPECT_EQ(outcome.ending.cause, c.cause) << c.text;
    EXPECT_THAT(outcome.ending.text, HasSubstr(c.text));
  }
  if (kIsSanitized) return;
  const Outcome crash = run([](int) {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  });
  EXPECT_EQ(crash.ending.cause, Cause::crash);
  EXPECT_THAT(crash.ending.text, HasSubstr("signal 11 (Segmentation fault)"));
}

/// Whether a process is gone or only waits to be reaped.
bool has_ended(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return true;
  return line.at(line.rfind(')') + 2) == 'Z';
}

bool ends_soon(pid_t process) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!has_ended(process)) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

pid_t pid_from(int descriptor) {
  std::string digits;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') digits += c;
  return std::stoi("0" + digits);
}

TEST(Sandbox, KillsAChildThatNobodyWantsAnyMore) {
  const Sandbox sandbox(run_for_ever);
  auto child = sandbox.start({});
  ASSERT_TRUE(child);
  const pid_t process = pid_from(child->channel());
  ASSERT_GT(process, 0);
  EXPECT_FALSE(has_ended(process));
  { const Child dropped = *std::move(child); }
  EXPECT_TRUE(ends_soon(process));
  EXPECT_TRUE(sandbox.is_alive());
}

TEST(Sandbox, EndsWithItsParent) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const Sandbox sandbox(run_for_ever);
    auto child = sandbox.start({});
    const std::string line =
        std::to_string(pid_from(child->channel())) + "\n" + std::to_string(sandbox.helper()) + "\n";
    [[maybe_unused]] const auto written = ::write(ends[1], line.data(), line.size());
    while (true) ::pause();
  }
  const pid_t child = pid_from(ends[0]);
  const pid_t helper = pid_from(ends[0]);
  ASSERT_GT(child, 0);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(ends_soon(helper));
  EXPECT_TRUE(ends_soon(child));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Sandbox, SaysThatItsHelperHasDied) {
  const Sandbox sandbox(run_for_ever);
  auto child = sandbox.start({});
  ASSERT_TRUE(child);
  const pid_t process = pid_from(child->channel());
  EXPECT_TRUE(sandbox.is_alive());
  ::kill(sandbox.helper(), SIGKILL);
  EXPECT_TRUE(ends_soon(process));
  EXPECT_EQ(child->end().cause, Cause::no_process);
  EXPECT_FALSE(sandbox.is_alive());
  const auto another = sandbox.start({});
  ASSERT_FALSE(another);
  EXPECT_EQ(another.error().code, Errc::unavailable);
}

TEST(Sandbox, IgnoresSignalsToTheWholeGroup) {
  const Sandbox sandbox([](int channel) {
    ::kill(::getpid(), SIGINT);
    say(channel, "here");
  });
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::kill(sandbox.helper(), signal);
  auto child = sandbox.start({});
  ASSERT_TRUE(child);
  EXPECT_EQ(heard(*child), "here");
}

void echo(int channel) {
  char byte = 0;
  if (::read(channel, &byte, 1) == 1) say(channel, std::string(1, byte));
}

TEST(Sandbox, KeepsASpareChildAndDoesWithoutIt) {
  const Sandbox sandbox(echo, {.keeps_spare = true});
  for (int i = 0; i < 4; ++i) {
    auto child = sandbox.start({});
    ASSERT_TRUE(child);
    ASSERT_EQ(::write(child->channel(), "a", 1), 1);
    EXPECT_EQ(heard(*child), "a");
    EXPECT_EQ(child->end().cause, Cause::done);
    if (i % 2 == 1) continue;
    const std::string helper = std::to_string(sandbox.helper());
    std::ifstream children("/proc/" + helper + "/task/" + helper + "/children");
    for (pid_t spare = 0; children >> spare;) {  // as a system without memory does
      ::kill(spare, SIGKILL);
      EXPECT_TRUE(ends_soon(spare));
    }
  }
}

TEST(Sandbox, PreparesTheHelperOnce) {
  int prepared = 0;
  const Sandbox sandbox([&prepared](int channel) { say(channel, std::to_string(prepared)); },
                        {.prepare = [&prepared] { ++prepared; }});
  for (int i = 0; i < 2; ++i) {
    sandbox.prepare();
    auto child = sandbox.start({});
    ASSERT_TRUE(child);
    EXPECT_EQ(heard(*child), "1");
  }
  EXPECT_EQ(prepared, 0);
}

TEST(Sandbox, ForksNothingForACommandThatDecodesNothing) {
  const Sandbox sandbox(echo, {.starts = false});
  EXPECT_EQ(sandbox.helper(), -1);
  EXPECT_FALSE(sandbox.is_alive());
  EXPECT_FALSE(sandbox.start({}));
}

TEST(Sandbox, RunsManyChildrenAtATime) {
  const Sandbox sandbox(echo, {.keeps_spare = true});
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&sandbox, &right] {
      for (char letter = 'a'; letter <= 'p'; ++letter) {
        auto child = sandbox.start({});
        if (!child || ::write(child->channel(), &letter, 1) != 1) return;
        if (heard(*child) == std::string(1, letter) && child->end().cause == Cause::done) ++right;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 8 * 16);
}

}  // namespace
}  // namespace steno::sandbox
