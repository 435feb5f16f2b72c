#include "app/terminal/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace steno::app {
namespace {

int milliseconds_until(std::chrono::steady_clock::time_point time) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(time - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

}  // namespace

Interrupt::Interrupt(std::function<void()> asked, std::function<void()> overdue,
                     std::chrono::milliseconds grace, std::function<void()> hung_up)
    : asked_(std::move(asked)), overdue_(std::move(overdue)), hung_up_(std::move(hung_up)) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (hung_up_) sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = Descriptor(signalfd(-1, &set, SFD_CLOEXEC));
  ended_ = Descriptor(eventfd(0, EFD_CLOEXEC));
  if (signals_.get() < 0 || ended_.get() < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot watch for signals");
  }
  thread_ = std::thread(&Interrupt::watch, this, grace);
}

Interrupt::~Interrupt() {
  eventfd_write(ended_.get(), 1);
  thread_.join();
}

void Interrupt::watch(std::chrono::milliseconds grace) const {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> overdue_at;
  while (true) {
    pollfd sources[] = {{signals_.get(), POLLIN, 0}, {ended_.get(), POLLIN, 0}};
    const int ready = poll(sources, 2, overdue_at ? milliseconds_until(*overdue_at) : -1);
    if (ready < 0) continue;  // EINTR
    if (sources[1].revents != 0) return;
    signalfd_siginfo info;
    if (ready == 0) return overdue_();
    if (read(signals_.get(), &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGHUP) {
      hung_up_();
    } else if (overdue_at) {
      // Supervisors repeat SIGTERM. Only a person presses Ctrl-C again to end it at once.
      if (info.ssi_signo == SIGINT) return overdue_();
    } else {
      overdue_at = Clock::now() + grace;
      asked_();
    }
  }
}

}  // namespace steno::app
