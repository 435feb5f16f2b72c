#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "client/client.h"
#include "net/http_client.h"

namespace steno::client {

/// Whether a call may be executed twice.
enum class Again { safe, never };

/// Calls one service: builds the requests, retries them as Patience allows, and turns refusals
/// into errors. Not thread-safe.
class Caller {
 public:
  Caller(Server server, Patience patience);

  /// A request to `path` (with its query) below the service's address, with the key.
  net::HttpRequest request(const char* method, const std::string& path) const;

  /// Returns a response below 300, or the error. A service that has never been reached gets one
  /// attempt: its address may be wrong.
  Result<net::HttpResponse> call(net::HttpRequest request, Again again,
                                 const std::stop_token& stop);

  /// Makes one attempt and passes the body of a 2xx response to `sink`. Any status is a result.
  Result<net::HttpResponse> stream(const net::HttpRequest& request,
                                   const std::function<void(std::string_view)>& sink,
                                   const std::stop_token& stop);

  /// Whether the address has ever been that of a server.
  bool has_reached() const { return has_reached_; }
  const Server& server() const { return server_; }
  const Patience& patience() const { return patience_; }

 private:
  Error error_of(const net::HttpError& error) const;
  void note(const net::HttpResult& result);

  Server server_;
  Patience patience_;
  net::HttpClient http_;
  bool has_reached_ = false;
};

/// The waits between the attempts of a call.
net::RetryPolicy retry_policy(const Patience& patience);

}  // namespace steno::client
