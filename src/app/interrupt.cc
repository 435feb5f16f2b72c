#include "app/interrupt.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace steno::app {

Interrupt::Interrupt(std::function<void()> asked, std::function<void()> overdue,
                     std::chrono::milliseconds grace) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  ended_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || ended_ < 0) {
    throw std::system_error(errno, std::generic_category(), "cannot watch for signals");
  }
  thread_ = std::thread(&Interrupt::watch, this, std::move(asked), std::move(overdue), grace);
}

Interrupt::~Interrupt() {
  eventfd_write(ended_, 1);
  thread_.join();
  close(signals_);
  close(ended_);
}

void Interrupt::watch(const std::function<void()>& asked, const std::function<void()>& overdue,
                      std::chrono::milliseconds grace) const {
  bool was_asked = false;
  while (true) {
    pollfd sources[] = {{signals_, POLLIN, 0}, {ended_, POLLIN, 0}};
    const int ready = poll(sources, 2, was_asked ? static_cast<int>(grace.count()) : -1);
    if (ready < 0) continue;  // EINTR
    if (sources[1].revents != 0) return;
    if (was_asked) return overdue();
    signalfd_siginfo info;
    if (read(signals_, &info, sizeof info) != sizeof info) continue;
    was_asked = true;
    asked();
  }
}

}  // namespace steno::app
