#include "sandbox/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "base/file.h"

namespace steno::sandbox {
namespace {

using Task = std::function<void(int channel)>;

/// The first descriptor behind the standard streams; all higher ones are closed.
constexpr int kOnlyDescriptor = 3;
/// Address space of the program if the system does not tell.
constexpr std::uint64_t kBaseBytes = std::uint64_t{2} << 30;

struct Job {
  pid_t child = -1;
  Descriptor watch;
};

/// Moves `descriptor` to kOnlyDescriptor and closes all other ones but the standard streams.
void keep_only(int descriptor) {
  if (descriptor != kOnlyDescriptor) dup2(descriptor, kOnlyDescriptor);
  close_range(kOnlyDescriptor + 1, ~0U, 0);
}

/// Connects the standard streams to nothing, so that the helper does not keep a pipe open.
void leave_standard_streams() {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0) return;
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) dup2(nothing, stream);
  if (!kIsSanitized) dup2(nothing, STDERR_FILENO);
  if (nothing > STDERR_FILENO) close(nothing);
}

/// Overwrites the environment and all arguments but the program's name: they may contain keys.
void forget(std::span<char*> arguments) {
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    explicit_bzero(*variable, std::strlen(*variable));
  }
  clearenv();
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    explicit_bzero(arguments[i], std::strlen(arguments[i]));
  }
}

/// Signals to the whole group are meant for the parent, which then closes the control socket.
void ignore_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  std::signal(SIGCHLD, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Ends this process when its parent ends.
void follow(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it ended before
}

std::uint64_t address_space() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return kBaseBytes;
  unsigned long long pages = 0;
  const bool is_read = std::fscanf(file, "%llu", &pages) == 1;
  std::fclose(file);
  return is_read ? pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : kBaseBytes;
}

/// A system without memory kills children first.
void offer_to_be_killed() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const auto written = write(file, "1000", 4);
  close(file);
}

[[noreturn]] void run_child(int channel, const Limits& limits, const Task& task, pid_t helper) {
  follow(helper);
  offer_to_be_killed();
  keep_only(channel);
  ignore_signals();
  confine(limits);
  try {
    task(kOnlyDescriptor);
  } catch (const std::bad_alloc&) {
    _exit(kOutOfMemory);
  } catch (...) {
    _exit(kThrew);
  }
  _exit(0);
}

/// The part of the confinement that a child gets.
Protection try_out(const Limits& limits) {
  const pid_t child = fork();
  if (child == 0) {
    const Protection is = confine(limits);
    _exit((is.system_calls ? 1 : 0) | (is.files ? 2 : 0));
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return {};
  return {(WEXITSTATUS(status) & 1) != 0, (WEXITSTATUS(status) & 2) != 0};
}

class Helper {
 public:
  Helper(int control, const Work& work, std::uint64_t base_bytes)
      : control_(control), work_(work), base_bytes_(base_bytes) {
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, nullptr);
    ends_ = Descriptor(signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  void run() {
    while (true) {
      std::vector<pollfd> waiting = {{control_, POLLIN, 0}, {ends_.get(), POLLIN, 0}};
      for (const Job& job : jobs_) waiting.push_back({job.watch.get(), 0, 0});
      if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
      for (std::size_t i = 0; i < jobs_.size(); ++i) {
        if (waiting[i + 2].revents != 0) give_up(jobs_[i]);
      }
      if (waiting[1].revents != 0) reap();
      if (waiting[0].revents != 0 && !obey()) return;
    }
  }

 private:
  /// The owner of the child is not interested any more.
  static void give_up(Job& job) {
    kill(job.child, SIGKILL);
    job.watch = Descriptor();
  }

  void reap() {
    signalfd_siginfo signals{};
    while (read(ends_.get(), &signals, sizeof signals) > 0) {
    }
    int status = 0;
    rusage used{};
    pid_t child = 0;
    while ((child = wait4(-1, &status, WNOHANG, &used)) > 0) {
      const auto job = std::ranges::find(jobs_, child, &Job::child);
      if (job == jobs_.end()) continue;
      send_report(job->watch.get(), {status, 0, static_cast<std::uint64_t>(used.ru_maxrss) << 10});
      jobs_.erase(job);
    }
  }

  static void send_report(int watch, const Report& report) {
    if (watch >= 0) send(watch, &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  /// Reads one order. False if there will be no more.
  bool obey() {
    Order order;
    iovec data{&order, sizeof order};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    const auto got = recvmsg(control_, &message, MSG_CMSG_CLOEXEC);
    if (got < 0) return errno == EINTR;
    if (got == 0) return false;
    const cmsghdr* attached = CMSG_FIRSTHDR(&message);
    if (attached == nullptr && work_.prepare) work_.prepare();
    if (attached == nullptr || attached->cmsg_len != CMSG_LEN(2 * sizeof(int))) return true;
    std::array<int, 2> descriptors{};
    std::memcpy(descriptors.data(), CMSG_DATA(attached), sizeof descriptors);
    begin(order, Descriptor(descriptors[0]), Descriptor(descriptors[1]));
    return true;
  }

  void begin(const Order& order, Descriptor channel, Descriptor watch) {
    Limits limits = order.limits;
    limits.base_bytes = base_bytes_;
    const pid_t self = getpid();
    const pid_t child = fork();
    if (child == 0) run_child(channel.get(), limits, work_.task, self);
    if (child < 0) return send_report(watch.get(), {0, errno, 0});
    jobs_.push_back({child, std::move(watch)});
  }

  int control_;
  const Work& work_;
  std::uint64_t base_bytes_;
  Descriptor ends_;
  std::vector<Job> jobs_;
};

}  // namespace

void run_helper(int control, const Work& work, std::span<char*> arguments, pid_t parent) {
  follow(parent);
  prctl(PR_SET_NAME, "steno-sandbox");
  keep_only(control);
  leave_standard_streams();
  ignore_signals();
  forget(arguments);
  Limits limits;
  limits.base_bytes = address_space();
  const Protection protection = try_out(limits);
  send(kOnlyDescriptor, &protection, sizeof protection, MSG_NOSIGNAL);
  Helper(kOnlyDescriptor, work, limits.base_bytes).run();
  _exit(0);
}

}  // namespace steno::sandbox
