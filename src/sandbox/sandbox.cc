#include "sandbox/sandbox.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "sandbox/helper.h"

namespace steno::sandbox {
namespace {

constexpr int kReportMs = 1000;

using Pair = std::pair<Descriptor, Descriptor>;

/// Two connected sockets; -1 both if there can be none.
Pair connected(int type) {
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) return Pair();
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

bool send_order(int control, const Order& order, int channel, int watch) {
  const std::array<int, 2> descriptors = {channel, watch};
  iovec data{const_cast<Order*>(&order), sizeof order};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> space{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  cmsghdr* attached = CMSG_FIRSTHDR(&message);
  attached->cmsg_level = SOL_SOCKET;
  attached->cmsg_type = SCM_RIGHTS;
  attached->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(attached), descriptors.data(), sizeof descriptors);
  while (sendmsg(control, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

std::string signal_text(int signal) {
  return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
}

Ending ending_of(const Report& report) {
  Ending ending;
  ending.peak_bytes = report.peak_bytes;
  if (report.error != 0) {
    return {Cause::no_process, std::string("no process: ") + std::strerror(report.error)};
  }
  if (WIFSIGNALED(report.status)) {
    const int signal = WTERMSIG(report.status);
    ending.cause = signal == SIGXCPU   ? Cause::processor_time
                   : signal == SIGKILL ? Cause::killed
                                       : Cause::crash;
    ending.text = signal_text(signal);
    return ending;
  }
  const int status = WEXITSTATUS(report.status);
  ending.cause = status == 0 ? Cause::done : status == kOutOfMemory ? Cause::memory : Cause::crash;
  ending.text = "exit status " + std::to_string(status);
  return ending;
}

}  // namespace

Ending Child::end() {
  channel_ = Descriptor();
  pollfd waiting{watch_.get(), POLLIN, 0};
  Report report;
  if (poll(&waiting, 1, kReportMs) <= 0) return {Cause::crash, "it closed its channel and ran on"};
  if (recv(watch_.get(), &report, sizeof report, 0) != sizeof report) {
    return {Cause::no_process, "the helper process has ended"};
  }
  return ending_of(report);
}

Sandbox::Sandbox(Task task, SandboxOptions options) : keeps_spare_(options.keeps_spare) {
  if (!options.starts) return;
  auto [own, other] = connected(SOCK_SEQPACKET);
  if (own.get() < 0) return;
  const pid_t self = getpid();
  // Until the helper ignores signals.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  helper_ = fork();
  if (helper_ == 0) run_helper(other.get(), {task, options.prepare}, options.arguments, self);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (helper_ > 0) control_ = std::move(own);
}

Sandbox::~Sandbox() {
  if (helper_ <= 0) return;
  kill(helper_, SIGKILL);  // it may still prepare itself; the children end with it
  waitpid(helper_, nullptr, 0);
}

void Sandbox::prepare() const {
  const MutexLock lock(mutex_);
  if (std::exchange(is_prepared_, true)) return;
  // If the helper has ended, the next start() says so.
  const Order none;
  (void)send(control_.get(), &none, sizeof none, MSG_NOSIGNAL);
}

Result<Child> Sandbox::start(const Limits& limits) const {
  if (keeps_spare_ && limits == Limits()) {
    if (auto spare = take_spare()) return *std::move(spare);
  }
  return order(limits);
}

std::optional<Child> Sandbox::take_spare() const {
  auto next = order({});
  const MutexLock lock(mutex_);
  std::optional<Child> spare = std::move(spare_);
  spare_.reset();
  if (next) spare_ = *std::move(next);
  if (!spare) return std::nullopt;
  pollfd channel{spare->channel(), POLLIN, 0};
  return poll(&channel, 1, 0) == 0 ? std::move(spare) : std::nullopt;
}

Result<Child> Sandbox::order(const Limits& limits) const {
  auto [channel, inner_channel] = connected(SOCK_STREAM);
  auto [watch, inner_watch] = connected(SOCK_SEQPACKET);
  if (channel.get() < 0 || watch.get() < 0) {
    return fail(Errc::unavailable, std::string("no sockets: ") + std::strerror(errno));
  }
  if (!send_order(control_.get(), {limits}, inner_channel.get(), inner_watch.get())) {
    return fail(Errc::unavailable, "there is no helper process");
  }
  return Child(std::move(channel), std::move(watch));
}

Protection Sandbox::protection() const {
  const MutexLock lock(mutex_);
  if (!protection_) {
    Protection is;
    if (recv(control_.get(), &is, sizeof is, 0) != sizeof is) is = {};
    protection_ = is;
  }
  return *protection_;
}

bool Sandbox::is_alive() const {
  pollfd control{control_.get(), 0, 0};
  return control_.get() >= 0 && poll(&control, 1, 0) == 0;
}

}  // namespace steno::sandbox
