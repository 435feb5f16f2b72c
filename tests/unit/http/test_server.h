#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/http.h"
#include "http/offload.h"

namespace steno::http {

/// A copy of an access record.
struct AccessCopy {
  std::string method, path, route, request_id, remote_address;
  int status = 0;
  std::uint64_t received_bytes = 0, sent_bytes = 0;
  double seconds = 0;
};

/// A server on a free port of the loopback interface, with routes for tests:
///
///     GET  /hello            "hello"
///     POST /echo             the whole body (at most 1 MiB)
///     POST /count            the number of bytes of the body, read in pieces (at most 64 MiB)
///     POST /ignore           "ignored"; the body is not read
///     GET  /items/{id}/x     the parameter
///     GET  /throws           throws
class TestServer {
 public:
  TestServer();
  ~TestServer() { stop(); }

  /// May be changed before start().
  Router router;
  ServerOptions options;

  void start();
  void stop(std::chrono::milliseconds grace = std::chrono::seconds(0));
  std::string address() const { return server->addresses().front(); }

  /// The access records so far, once there are `count` of them or 10 s have passed.
  std::vector<AccessCopy> accesses(std::size_t count);
  std::vector<std::string> errors();

  std::unique_ptr<Server> server;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<AccessCopy> accesses_;
  std::vector<std::string> errors_;
};

}  // namespace steno::http
