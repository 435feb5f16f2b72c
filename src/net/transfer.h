#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "net/handle_pool.h"
#include "net/http_client.h"

namespace steno::net {

/// One request to one address, without redirects and retries.
struct Hop {
  const HttpRequest& request;
  std::string method;
  std::string url;
  bool has_credentials = true;  ///< the request's token and its Authorization and Cookie headers
  bool has_body = true;
  std::optional<std::chrono::steady_clock::time_point> deadline;  ///< of the whole request
};

/// Sends it. An error status whose body ends early is still a response. A sink that takes bytes
/// sets `was_delivered`.
HttpResult transfer(Handles& handles, const HttpClientOptions& options, const Hop& hop,
                    const BodySink& sink, bool& was_delivered, const std::stop_token& stop);

/// The failure of a request to `url`.
HttpError failure(HttpFailure kind, const std::string& url, const std::string& reason);

}  // namespace steno::net
