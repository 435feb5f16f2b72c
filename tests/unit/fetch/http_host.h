#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace steno::fetch {

/// One request to a Host, and the socket it came by.
class Exchanged {
 public:
  Exchanged(int socket, std::string request) : socket_(socket), request_(std::move(request)) {}

  /// The request's lines as they came.
  const std::string& request() const { return request_; }
  /// "/path?query"
  std::string target() const;
  bool has(const std::string& text) const { return request_.find(text) != std::string::npos; }

  void send(const std::string& bytes) const;
  /// A whole answer: "200 OK", further header lines each with its line end, and the body.
  void answer(const std::string& status, const std::string& headers, const std::string& body) const;
  /// Waits until the client goes away.
  void hold() const;

 private:
  int socket_;
  std::string request_;
};

/// An HTTP server on a free port of 127.0.0.1 that does what a test tells it, well-behaved or not:
/// one connection a request, closed when the handler returns. Handlers run at the same time.
class Host {
 public:
  using Handler = std::function<void(const Exchanged&)>;
  explicit Host(Handler handler);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  std::string port() const { return std::to_string(port_); }
  /// "http://127.0.0.1:PORT" and `path`.
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + port() + path; }
  int connections() const { return connections_; }

 private:
  void accept_all();
  void serve(int socket) const;

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<std::jthread> handlers_;
  std::jthread acceptor_;
};

}  // namespace steno::fetch
