#include "unit/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "http/headers.h"

namespace steno::http {
namespace {

constexpr std::chrono::seconds kPatience(10);

void set_timeouts(int socket) {
  const timeval limit = {kPatience.count(), 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  std::size_t line = head.find("\r\n");
  while (line != std::string::npos) {
    line += 2;
    const auto end = head.find("\r\n", line);
    const auto text = std::string_view(head).substr(line, end - line);
    const auto colon = text.find(": ");
    if (colon != std::string_view::npos && equal_ignoring_case(text.substr(0, colon), name)) {
      return std::string(text.substr(colon + 2));
    }
    line = end;
  }
  return {};
}

Client::Client(const std::string& address, Kind kind)
    : context_(nullptr, SSL_CTX_free), tls_(nullptr, SSL_free) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto colon = address.rfind(':');
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  set_timeouts(socket_);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect to " + address);
  }
  if (kind == Kind::plain) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  tls_.reset(SSL_new(context_.get()));
  SSL_set_fd(tls_.get(), socket_);
  if (SSL_connect(tls_.get()) != 1) throw std::runtime_error("no TLS with " + address);
}

Client::~Client() { ::close(socket_); }

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                        : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the server has closed; its answer can still be read
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Client::get(std::string_view path, std::string_view more) {
  send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(more) + "\r\n");
}

bool Client::receive() {
  std::array<char, 16384> piece;
  const auto n = tls_ ? SSL_read(tls_.get(), piece.data(), static_cast<int>(piece.size()))
                      : ::recv(socket_, piece.data(), piece.size(), 0);
  if (n <= 0) {
    ended_ = true;
    return false;
  }
  received_.append(piece.data(), static_cast<std::size_t>(n));
  return true;
}

std::string Client::take(std::size_t size) {
  while (received_.size() < size && receive()) {
  }
  std::string taken = received_.substr(0, size);
  received_.erase(0, taken.size());
  return taken;
}

std::string Client::read_until(std::string_view text) {
  auto found = received_.find(text);
  while (found == std::string::npos && receive()) found = received_.find(text);
  return take(found == std::string::npos ? received_.size() : found + text.size());
}

std::string Client::read_all() {
  while (receive()) {
  }
  return take(received_.size());
}

std::string Client::read_chunks() {
  std::string body;
  while (true) {
    const auto size = std::strtoul(read_until("\r\n").c_str(), nullptr, 16);
    body += take(size);
    if (read_until("\r\n") != "\r\n" || size == 0) return body;
  }
}

Answer Client::read(std::string_view method) {
  Answer answer;
  answer.head = read_until("\r\n\r\n");
  if (answer.head.size() < 12) return answer;
  answer.status = std::stoi(answer.head.substr(9, 3));
  const bool bodiless =
      method == "HEAD" || answer.status < 200 || answer.status == 204 || answer.status == 304;
  if (bodiless) return answer;
  if (const auto length = answer.header("Content-Length"); !length.empty()) {
    answer.body = take(std::stoul(length));
  } else if (answer.header("Transfer-Encoding") == "chunked") {
    answer.body = read_chunks();
  } else {
    answer.body = read_all();
  }
  return answer;
}

bool Client::is_closed(std::chrono::milliseconds patience) {
  pollfd wait = {socket_, POLLIN, 0};
  while (!ended_) {
    if (::poll(&wait, 1, static_cast<int>(patience.count())) <= 0) return false;
    receive();
  }
  return true;
}

void Client::shutdown() { ::shutdown(socket_, SHUT_WR); }

void Client::shrink_receive_buffer() {
  const int bytes = 4096;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

std::string Client::server_name() const {
  std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(tls_.get()),
                                                     X509_free);
  std::array<char, 256> text = {};
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), text.data(), text.size());
  return text.data();
}

}  // namespace steno::http
