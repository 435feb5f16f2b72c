#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace steno::net {

/// One request to a Host, and the socket of its connection.
class Exchanged {
 public:
  Exchanged(int socket, std::string request, std::string body)
      : socket_(socket), request_(std::move(request)), body_(std::move(body)) {}

  /// The request line and the headers as they came.
  const std::string& request() const { return request_; }
  /// The body, chunks put together.
  const std::string& body() const { return body_; }
  std::string method() const { return request_.substr(0, request_.find(' ')); }
  /// "/path?query"
  std::string target() const;
  bool has(const std::string& text) const { return request_.find(text) != std::string::npos; }

  void send(const std::string& bytes) const;
  /// Sends a whole response and closes the connection: "200 OK", further header lines each with its
  /// line end, and the body.
  void answer(const std::string& status, const std::string& headers, const std::string& body) const;
  /// As answer(), but the connection stays open for the next request.
  void keep(const std::string& status, const std::string& headers, const std::string& body) const;
  bool is_kept() const { return is_kept_; }
  /// Waits until the client closes the connection.
  void hold() const;

 private:
  int socket_;
  std::string request_;
  std::string body_;
  mutable bool is_kept_ = false;
};

/// An HTTP server on a free port of 127.0.0.1 that follows a test's script, well-behaved or not. A
/// connection is closed when the handler returns, unless it called keep(). Handlers run
/// concurrently.
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
  int requests() const { return requests_; }

 private:
  void accept_all();
  void serve(int socket);

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::jthread> handlers_;
  std::jthread acceptor_;
};

}  // namespace steno::net
