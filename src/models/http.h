#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/result.h"

namespace steno::models {

/// One request without redirects.
struct HttpRequest {
  std::string url;
  bool head = false;
  std::string token = {};        ///< sent as bearer token if not empty
  std::uint64_t range_from = 0;  ///< above 0: only the bytes from there on
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string redirect;                        ///< where a 3xx points to, absolute; else empty
  std::string body;                            ///< what no sink took, at most 16 MB

  /// A header's value, empty if it is not there.
  std::string header(const std::string& name) const;
};

/// Takes the body of a 2xx answer piece by piece, with what is known of the answer by then. An
/// error ends the transfer.
using BodySink = std::function<Result<void>(const HttpResponse&, std::span<const std::byte>)>;

/// HTTP and HTTPS with certificates verified. Not thread-safe; several objects are independent.
class HttpClient {
 public:
  /// A transfer that gets no byte for `stall` is given up.
  explicit HttpClient(std::chrono::seconds stall);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Fails with `unavailable` where the host cannot be reached or the connection was cut,
  /// `cancelled` within a fifth of a second after `stop`, or the sink's error. A status of 400 and
  /// above is an answer, not a failure.
  Result<HttpResponse> send(const HttpRequest& request, const BodySink& sink,
                            const std::stop_token& stop);

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

/// A path segment or file name with what a URL does not allow escaped; slashes stay.
std::string escaped(const std::string& path);

}  // namespace steno::models
