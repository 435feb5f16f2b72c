#include "pipeline/decode/wire.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace steno::decode {
namespace {

constexpr std::size_t kMostParts = 2;

}  // namespace

Wire::Wire(int descriptor, Wait wait) : descriptor_(descriptor), wait_(std::move(wait)) {}

bool Wire::send(Kind kind, std::initializer_list<std::span<const std::byte>> parts) {
  Header header{kind, 0};
  // No allocation: FFmpeg's C code calls this, and an exception must not pass through it.
  std::array<iovec, 1 + kMostParts> pieces{};
  pieces[0] = {&header, sizeof header};
  std::size_t used = 1;
  for (const auto part : parts) {
    header.size += static_cast<std::uint32_t>(part.size());
    pieces.at(used++) = {const_cast<std::byte*>(part.data()), part.size()};
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = used;
  while (message.msg_iovlen > 0) {
    const auto count = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (count < 0) {
      if (errno == EINTR || (errno == EAGAIN && wait(POLLOUT))) continue;
      return false;
    }
    auto sent = static_cast<std::size_t>(count);
    while (message.msg_iovlen > 0 && sent >= message.msg_iov->iov_len) {
      sent -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen == 0) break;
    message.msg_iov->iov_base = static_cast<std::byte*>(message.msg_iov->iov_base) + sent;
    message.msg_iov->iov_len -= sent;
  }
  return true;
}

bool Wire::receive(Header& header) {
  return receive(std::as_writable_bytes(std::span(&header, 1)));
}

bool Wire::receive(std::span<std::byte> into) {
  while (!into.empty()) {
    const auto count = ::read(descriptor_, into.data(), into.size());
    if (count == 0) return false;
    if (count < 0) {
      if (errno == EINTR || (errno == EAGAIN && wait(POLLIN))) continue;
      return false;
    }
    into = into.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace steno::decode
