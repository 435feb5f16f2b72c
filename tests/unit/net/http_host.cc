#include "unit/net/http_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace steno::net {
namespace {

/// Reads until `text` ends with `end`; false if the client closes before.
bool read_until(int socket, std::string& text, const std::string& end) {
  char byte = 0;
  while (!text.ends_with(end)) {
    if (::recv(socket, &byte, 1, 0) != 1) return false;
    text += byte;
  }
  return true;
}

bool read_count(int socket, std::string& text, std::size_t count) {
  const auto before = text.size();
  text.resize(before + count);
  return count == 0 ||
         ::recv(socket, text.data() + before, count, MSG_WAITALL) == static_cast<ssize_t>(count);
}

std::optional<std::string> read_chunks(int socket) {
  std::string body;
  for (;;) {
    std::string size;
    if (!read_until(socket, size, "\r\n")) return std::nullopt;
    const auto count = std::stoul(size, nullptr, 16);
    std::string end;
    if (!read_count(socket, body, count) || !read_until(socket, end, "\r\n")) return std::nullopt;
    if (count == 0) return body;
  }
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::optional<std::string> read_body(int socket, const std::string& request) {
  const std::string head = lower(request);
  if (head.find("\r\nexpect: 100-continue") != std::string::npos) {
    const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    ::send(socket, go_on.data(), go_on.size(), MSG_NOSIGNAL);
  }
  if (head.find("\r\ntransfer-encoding: chunked") != std::string::npos) return read_chunks(socket);
  const std::string name = "\r\ncontent-length: ";
  const auto at = head.find(name);
  std::string body;
  if (at == std::string::npos) return body;
  if (!read_count(socket, body, std::stoul(head.substr(at + name.size())))) return std::nullopt;
  return body;
}

}  // namespace

std::string Exchanged::target() const {
  const auto begin = request_.find(' ') + 1;
  return request_.substr(begin, request_.find(' ', begin) - begin);
}

void Exchanged::send(const std::string& bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto count = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (count <= 0) return;  // the client has closed
    done += static_cast<std::size_t>(count);
  }
}

void Exchanged::answer(const std::string& status, const std::string& headers,
                       const std::string& body) const {
  send("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " +
       std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
}

void Exchanged::keep(const std::string& status, const std::string& headers,
                     const std::string& body) const {
  is_kept_ = true;
  send("HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
       headers + "\r\n" + body);
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
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  handlers_.clear();
  ::close(listener_);
}

void Host::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    {
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
    }
    handlers_.emplace_back([this, socket] { serve(socket); });
  }
}

void Host::serve(int socket) {
  for (;;) {
    std::string request;
    if (!read_until(socket, request, "\r\n\r\n")) break;
    auto body = read_body(socket, request);
    if (!body) break;
    ++requests_;
    const Exchanged exchanged(socket, std::move(request), *std::move(body));
    handler_(exchanged);
    if (!exchanged.is_kept()) break;
  }
  const std::lock_guard lock(mutex_);
  std::erase(sockets_, socket);
  ::close(socket);
}

}  // namespace steno::net
