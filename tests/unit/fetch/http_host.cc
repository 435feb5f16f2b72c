#include "http_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace steno::fetch {

std::string Exchanged::target() const {
  const auto begin = request_.find(' ') + 1;
  return request_.substr(begin, request_.find(' ', begin) - begin);
}

void Exchanged::send(const std::string& bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto count = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (count <= 0) return;  // the client had enough
    done += static_cast<std::size_t>(count);
  }
}

void Exchanged::answer(const std::string& status, const std::string& headers,
                       const std::string& body) const {
  send("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " +
       std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
}

void Exchanged::hold() const {
  char byte = 0;
  while (::recv(socket_, &byte, 1, 0) > 0) {
  }
}

Host::Host(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no port on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

Host::~Host() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  handlers_.clear();
  ::close(listener_);
}

void Host::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    handlers_.emplace_back([this, socket] { serve(socket); });
  }
}

void Host::serve(int socket) const {
  std::string request;
  char byte = 0;
  while (!request.ends_with("\r\n\r\n") && ::recv(socket, &byte, 1, 0) == 1) request += byte;
  if (request.ends_with("\r\n\r\n")) handler_(Exchanged(socket, request));
  ::close(socket);
}

}  // namespace steno::fetch
