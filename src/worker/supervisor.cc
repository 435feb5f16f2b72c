#include "worker/supervisor.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "workers/worker_registry.h"

namespace steno {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kCannotStart = 127;

/// Runs in the child between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // the parent ended before the child could request its signal
  if (getppid() != parent) _exit(kCannotStart);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Closes descriptors of the parent, including those of libraries.
  close_range(3, ~0U, 0);
  execv(arguments[0], arguments);
  _exit(kCannotStart);
}

/// Returns -1 if no process can be created. The child dies with the calling thread.
pid_t start_process(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& argument : command) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(arguments.data(), parent);
  return child;
}

/// Waits for the end without reaping the process, so that its id is not reused.
void wait_for_end(pid_t pid) {
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

std::string in_words(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

/// One of the workers and all its successive processes. Its thread starts them, because a process
/// is killed when the thread that started it ends.
class Supervisor::Place {
 public:
  explicit Place(const SupervisorOptions& options) : options_(options) {
    thread_ = std::thread([this] { keep(); });
  }
  ~Place() { thread_.join(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void ask_to_end() {
    const MutexLock lock(mutex_);
    is_ending_ = true;
    if (process_) kill(process_->pid, SIGTERM);
    changed_.notify_all();
  }

  /// Kills the process at the deadline.
  void end_by(Steady::time_point deadline) {
    const MutexLock lock(mutex_);
    deadline_ = std::min(deadline_, deadline);
    changed_.notify_all();
    while (!is_over_) {
      const auto left = deadline_ - Steady::now();
      if (left > Steady::duration(0)) {
        changed_.wait_for(mutex_, std::min<Steady::duration>(left, std::chrono::minutes(1)));
        continue;
      }
      if (process_) kill(process_->pid, SIGKILL);
      changed_.wait(mutex_, [this]() REQUIRES(mutex_) { return is_over_; });
    }
  }

  std::optional<WorkerProcess> process() const {
    const MutexLock lock(mutex_);
    return process_;
  }

 private:
  void keep() {
    Milliseconds wait = options_.first_wait;
    while (true) {
      const auto begin = Steady::now();
      if (!run_one()) break;
      if (Steady::now() - begin >= options_.healthy) {
        wait = options_.first_wait;
        continue;
      }
      const MutexLock lock(mutex_);
      if (changed_.wait_for(mutex_, wait, [this]() REQUIRES(mutex_) { return is_ending_; })) break;
      wait = std::min(2 * wait, options_.longest_wait);
    }
    const MutexLock lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }

  /// Runs one process from start to end. Returns false if no further one is needed.
  bool run_one() {
    const std::string name = new_worker_name();
    const auto command = options_.command(name);
    pid_t pid = -1;
    {
      const MutexLock lock(mutex_);
      if (is_ending_) return false;
      pid = start_process(command);
      if (pid < 0) return true;
      process_ = WorkerProcess{name, pid};
    }
    wait_for_end(pid);
    int status = 0;
    {
      // A reaped id must not receive a signal, because it may be reused.
      const MutexLock lock(mutex_);
      waitpid(pid, &status, 0);
      process_.reset();
    }
    options_.on_end(name, in_words(status));
    const MutexLock lock(mutex_);
    return !is_ending_;
  }

  const SupervisorOptions options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::optional<WorkerProcess> process_ GUARDED_BY(mutex_);
  bool is_ending_ GUARDED_BY(mutex_) = false;
  bool is_over_ GUARDED_BY(mutex_) = false;
  Steady::time_point deadline_ GUARDED_BY(mutex_) = Steady::time_point::max();
  std::thread thread_;
};

Supervisor::Supervisor(const SupervisorOptions& options) {
  for (int i = 0; i < options.workers; ++i) places_.push_back(std::make_unique<Place>(options));
}

Supervisor::~Supervisor() { stop(Milliseconds(0)); }

void Supervisor::stop(Milliseconds grace) {
  const auto deadline = Steady::now() + grace;
  for (const auto& place : places_) place->ask_to_end();
  for (const auto& place : places_) place->end_by(deadline);
}

std::vector<WorkerProcess> Supervisor::running() const {
  std::vector<WorkerProcess> all;
  for (const auto& place : places_) {
    if (auto process = place->process()) all.push_back(*std::move(process));
  }
  return all;
}

}  // namespace steno
