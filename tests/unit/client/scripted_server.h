#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace steno::client {

/// A request as the server received it.
struct Seen {
  std::string line;                            ///< "GET /path HTTP/1.1"
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< without chunk framing
};

/// An HTTP server on a free port of 127.0.0.1 with scripted answers. Each request has its own
/// connection, which is closed after the answer.
class ScriptedServer {
 public:
  /// Returns the bytes to send for the n-th request, from 0. Empty: the connection is closed.
  using Script = std::function<std::string(size_t n, const Seen& request)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Seen> seen() const;
  /// Waits for this number of requests. Returns false after 10 s.
  bool wait_for(size_t requests) const;
  /// Delays all answers until they are released.
  void hold_answers();
  void let_go();

 private:
  void accept_all(const std::stop_token& stop);
  void serve(int connection, const std::stop_token& stop);

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Seen> seen_;
  bool holds_ = false;
  std::vector<std::jthread> connections_;
  std::jthread thread_;
};

/// "HTTP/1.1 200 OK", Content-Type and Content-Length, and the body.
std::string answer(int status, std::string_view type, std::string_view body,
                   std::string_view more = "");
std::string json_answer(int status, std::string_view body);
std::string problem_answer(int status, std::string_view body, std::string_view more = "");
/// An event stream that ends with the connection.
std::string event_answer(std::string_view events);

}  // namespace steno::client
