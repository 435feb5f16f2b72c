#include "unit/client/scripted_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace steno::client {
namespace {

constexpr int kPollMilliseconds = 20;

// Reads more bytes of the connection. Returns false at its end.
bool read_more(int connection, std::string& into, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd source = {connection, POLLIN, 0};
    if (poll(&source, 1, kPollMilliseconds) <= 0) continue;
    char bytes[65536];
    const auto count = recv(connection, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    into.append(bytes, static_cast<size_t>(count));
    return true;
  }
  return false;
}

Seen parse_head(const std::string& head) {
  Seen seen;
  size_t start = head.find("\r\n");
  seen.line = head.substr(0, start);
  while (start != std::string::npos && start + 2 < head.size()) {
    const size_t end = head.find("\r\n", start + 2);
    const std::string line = head.substr(start + 2, end - start - 2);
    const size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (colon != std::string::npos) seen.headers[name] = line.substr(colon + 2);
    start = end;
  }
  return seen;
}

// The joined chunks of `text`. None while the last one is missing.
std::optional<std::string> unchunked(const std::string& text) {
  std::string body;
  for (size_t at = 0;;) {
    const size_t end = text.find("\r\n", at);
    if (end == std::string::npos) return std::nullopt;
    const size_t size = std::stoul(text.substr(at, end - at), nullptr, 16);
    if (text.size() < end + 2 + size + 2) return std::nullopt;
    if (size == 0) return body;
    body += text.substr(end + 2, size);
    at = end + 2 + size + 2;
  }
}

std::optional<std::string> body_of(const Seen& seen, const std::string& text) {
  if (seen.headers.contains("transfer-encoding")) return unchunked(text);
  const auto length = seen.headers.find("content-length");
  const size_t size = length == seen.headers.end() ? 0 : std::stoul(length->second);
  if (text.size() < size) return std::nullopt;
  return text.substr(0, size);
}

std::optional<Seen> read_request(int connection, const std::stop_token& stop) {
  std::string text;
  size_t end = std::string::npos;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(connection, text, stop)) return std::nullopt;
  }
  Seen seen = parse_head(text.substr(0, end));
  text.erase(0, end + 4);
  if (seen.headers.contains("expect")) {
    send(connection, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
  }
  auto body = body_of(seen, text);
  for (; !body; body = body_of(seen, text)) {
    if (!read_more(connection, text, stop)) return std::nullopt;
  }
  seen.body = *std::move(body);
  return seen;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

}  // namespace

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no port for the scripted server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

ScriptedServer::~ScriptedServer() {
  let_go();
  thread_.request_stop();
  thread_.join();
  for (std::jthread& connection : connections_) connection.request_stop();
  connections_.clear();
  close(listener_);
}

void ScriptedServer::accept_all(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd source = {listener_, POLLIN, 0};
    if (poll(&source, 1, kPollMilliseconds) <= 0) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    connections_.emplace_back([this, connection](const std::stop_token& stop_connection) {
      serve(connection, stop_connection);
      close(connection);
    });
  }
}

void ScriptedServer::serve(int connection, const std::stop_token& stop) {
  const auto request = read_request(connection, stop);
  if (!request) return;
  size_t number = 0;
  {
    std::unique_lock lock(mutex_);
    number = seen_.size();
    seen_.push_back(*request);
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holds_; });
  }
  send_all(connection, script_(number, *request));
}

std::vector<Seen> ScriptedServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

bool ScriptedServer::wait_for(size_t requests) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10),
                           [&] { return seen_.size() >= requests; });
}

void ScriptedServer::hold_answers() {
  const std::lock_guard lock(mutex_);
  holds_ = true;
}

void ScriptedServer::let_go() {
  const std::lock_guard lock(mutex_);
  holds_ = false;
  changed_.notify_all();
}

std::string answer(int status, std::string_view type, std::string_view body,
                   std::string_view more) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Answer\r\nConnection: close\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) +
         "\r\n" + std::string(body);
}

std::string json_answer(int status, std::string_view body) {
  return answer(status, "application/json", body);
}

std::string problem_answer(int status, std::string_view body, std::string_view more) {
  return answer(status, "application/problem+json", body, more);
}

std::string event_answer(std::string_view events) {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n" +
         std::string(events);
}

}  // namespace steno::client
