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
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "net/retry.h"

// The one client for HTTP requests that leave this program.
//
//     net::HttpClient client({.networks = net::HttpClientOptions::Networks::public_only});
//     net::HttpRequest request{.method = "POST", .url = "https://example.com/hook", .body = json};
//     request.headers = {{"Content-Type", "application/json"}};
//     request.times.total = std::chrono::seconds(20);
//     request.retry.attempts = 4;
//     const net::HttpResult result = client.send(request, stop);
//     if (!result) return log(result.error().message());
//     if (result->status >= 400) return log("status " + std::to_string(result->status));

namespace steno::net {

/// Header names and values, in the order in which they are sent.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request body that is read while it is sent. Calls block.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes; nothing if they are not known before the end. Then the body goes in chunks.
  virtual std::optional<std::uint64_t> size() const = 0;
  /// Reads the next bytes into `into` and returns how many, 0 at the end. An error ends the
  /// request. Returns `cancelled` soon after `stop`.
  virtual Result<std::size_t> read(std::span<char> into, const std::stop_token& stop) = 0;
  /// Goes back to the first byte, for a retry. False if that is not possible.
  virtual bool rewind() = 0;
};

/// One part of a multipart/form-data body: a value, or a file if `source` is set.
struct FormPart {
  std::string name;
  std::string value = {};
  BodySource* source = nullptr;   ///< borrowed
  std::string file_name = {};     ///< of the source
  std::string content_type = {};  ///< empty: none is sent
};

/// Time limits of a request; 0 is no limit.
struct TimeLimits {
  std::chrono::milliseconds connect{10'000};  ///< name, connection and TLS of one connection
  std::chrono::milliseconds idle{30'000};     ///< without a byte in either direction
  std::chrono::milliseconds total{0};         ///< with redirects, retries and their pauses
};

/// The first and the last byte that is wanted; without `last` all from `first` on.
struct ByteRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> last = {};
};

/// A response without its connection.
struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< lower-case names; repeated ones by ", "
  std::string body;      ///< empty with a sink; of a status outside 2xx at most 64 KiB
  std::string url;       ///< of the last redirect
  std::string redirect;  ///< target of a 3xx that was not followed, absolute; else empty
  std::optional<std::uint64_t> length;              ///< announced size of the body
  std::optional<std::chrono::seconds> retry_after;  ///< from seconds or a date

  /// A header's value by its lower-case name, empty if it is not there.
  std::string header(const std::string& name) const;
};

/// The cause that ended a request without a response.
enum class HttpFailure {
  bad_url,             ///< not an http or https URL, also as a redirect's target
  blocked,             ///< the address is in a network that must not be reached
  unreachable,         ///< no name, no connection or no TLS
  timeout,             ///< a time limit
  broken,              ///< the connection ended early, or the response is not HTTP
  too_large,           ///< the body is larger than `max_body`
  too_many_redirects,  ///< more than `redirects.max`
  insecure_redirect,   ///< from https to http
  body,                ///< the sink or the source returned `cause`
  cancelled,           ///< a stop was requested
};

/// A failure, for a program and in words.
struct HttpError {
  HttpFailure kind;
  std::string host;                 ///< with its port; nothing else of the URL
  std::string reason;               ///< in general words, without addresses and secrets
  std::string detail = {};          ///< libcurl's words; may hold addresses. Empty if none
  std::optional<Error> cause = {};  ///< of HttpFailure::body

  /// One line for anybody: the host and the reason.
  std::string message() const { return host + ": " + reason; }
  /// The failure for the caller's own log: `cause`, `cancelled`, `invalid_argument` (bad_url,
  /// blocked) or `unavailable`. The message has the detail in place of the reason.
  Error as_error() const;
};

using HttpResult = tl::expected<HttpResponse, HttpError>;

/// Takes the body of a 2xx response in pieces, with the head of the response. An error ends the
/// request. Its exceptions come out of send().
using BodySink = std::function<Result<void>(const HttpResponse&, std::span<const std::byte>)>;

/// Which redirects are followed. Each one is a request of its own: its address is checked, and
/// another origin gets no bearer token and no Authorization or Cookie header.
struct Redirects {
  int max = 0;                   ///< 0: a redirect is a response like any other
  bool allows_insecure = false;  ///< also from https to http
  /// Asked before each; false returns the redirect as the response.
  std::function<bool(const HttpResponse&)> follows = {};
};

/// Whether another attempt may get a better result: no connection, a timeout, a broken connection,
/// and the statuses 408, 425, 429, 500, 502, 503 and 504.
bool is_transient(const HttpResult& result);

/// One request. At most one of `body`, `source` and `form` is set.
struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  ///< its user and password go to its own host only
  Headers headers = {};
  std::string bearer_token = {};  ///< goes to the origin of `url` only; empty: none
  std::string body = {};
  BodySource* source = nullptr;  ///< borrowed
  std::vector<FormPart> form = {};
  std::optional<ByteRange> range = {};
  bool accepts_compressed = false;                   ///< the response arrives unpacked
  std::uint64_t max_body = std::uint64_t{16} << 20;  ///< of the unpacked response
  TimeLimits times = {};
  Redirects redirects = {};
  /// More than one attempt only for a request that may be executed twice. There is no retry after
  /// the sink has taken bytes, or with a source that cannot be rewound.
  RetryPolicy retry = {};
  std::function<bool(const HttpResult&)> may_retry = is_transient;
  std::function<void(const std::string& why)> on_retry = {};  ///< called before each pause
  /// After a stop, a request that is sent completely waits so long for its response.
  std::chrono::milliseconds cancel_grace{0};
};

/// Options that all requests of a client share.
struct HttpClientOptions {
  enum class Networks { all, public_only };
  /// `public_only`: addresses outside the public internet are refused, see docs/adr/0012. The
  /// check is made on the address that is connected to, so spelling, DNS and redirects do not
  /// matter. Proxies are not used then.
  Networks networks = Networks::all;
  std::vector<Network> allow_networks = {};  ///< reachable although they are not public
  std::string trusted_certificates = {};     ///< PEM file; empty: those that the machine trusts
  std::string client_certificate = {};       ///< PEM file; empty: none
  std::string client_key = {};               ///< PEM file of the certificate's key
  std::size_t idle_connections = 16;         ///< kept for later requests
  RetryBudgetOptions retry_budget = {};
  /// Addresses of names, instead of DNS: "HOST:PORT:ADDRESS[,ADDRESS]".
  std::vector<std::string> known_hosts = {};
};

/// Sends HTTP and HTTPS requests over pooled connections. Certificates are verified. Proxies come
/// from the environment (`https_proxy`, `no_proxy`). Thread-safe; calls block.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Returns the response of any status. Ends within 0.2 s after `stop`, later only by
  /// `cancel_grace`.
  HttpResult send(const HttpRequest& request, const std::stop_token& stop = {}) const;
  /// As above; `sink` takes the body of a 2xx response.
  HttpResult send(const HttpRequest& request, const BodySink& sink,
                  const std::stop_token& stop) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace steno::net
