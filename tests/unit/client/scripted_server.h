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

/// A request as the server got it.
struct Seen {
  std::string line;                            ///< "GET /path HTTP/1.1"
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< chunks are put together
};

/// Answers HTTP on a free port of 127.0.0.1 by a script: one connection for each request, closed
/// after its answer.
class ScriptedServer {
 public:
  /// The bytes to send for the n-th request, from 0; empty: none, the connection is just closed.
  using Script = std::function<std::string(size_t n, const Seen& request)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Seen> seen() const;
  /// Waits until so many requests have come; false after 10 s.
  bool wait_for(size_t requests) const;
  /// Until it is let go, no answer is sent.
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

/// "HTTP/1.1 200 OK", Content-Type and -Length, the body.
std::string answer(int status, std::string_view type, std::string_view body,
                   std::string_view more = "");
std::string json_answer(int status, std::string_view body);
std::string problem_answer(int status, std::string_view body, std::string_view more = "");
/// An event stream that ends with the connection.
std::string event_answer(std::string_view events);

}  // namespace steno::client
