#include "app/terminal/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace steno::app {

void StandardOutput::write(std::string_view text) {
  while (state_ == OutputState::open && !text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable = {descriptor_, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      error_ = errno;
      state_ = errno == EPIPE ? OutputState::reader_gone : OutputState::failed;
    }
  }
}

std::string StandardOutput::failure() const {
  return std::string("standard output cannot be written: ") + std::strerror(error_);
}

void StandardOutput::look_for_reader() {
  pollfd errors = {descriptor_, 0, 0};
  if (state_ != OutputState::open || poll(&errors, 1, 0) <= 0) return;
  if ((errors.revents & POLLERR) != 0) state_ = OutputState::reader_gone;
}

}  // namespace steno::app
