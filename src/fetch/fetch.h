#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "net/address.h"
#include "net/http_client.h"
#include "net/retry.h"

namespace steno::fetch {

struct FetchOptions {
  std::uint64_t max_bytes = std::uint64_t{2} << 30;    ///< whether Content-Length is given or not
  std::chrono::milliseconds total_timeout{3'600'000};  ///< for everything, pauses included
  std::chrono::milliseconds connect_timeout{10'000};   ///< name, connection and TLS of one try
  std::chrono::milliseconds stall_timeout{30'000};     ///< without a byte
  int max_redirects = 5;
  net::RetryPolicy retry{.attempts = 5};     ///< attempts in a row that receive nothing new
  std::vector<net::Network> allow_networks;  ///< may be reached although they are not public
};

/// Whether the same fetch may succeed at another time: a transient failure may, a permanent one
/// not.
enum class FailureKind { transient, permanent };

/// Why a fetch failed. `code` is stable, for programs:
///
///     fetch_bad_url             permanent  no http or https URL
///     fetch_blocked             permanent  it leads to an address that may not be reached
///     fetch_not_found           permanent  404 or 410
///     fetch_forbidden           permanent  401 or 403
///     fetch_refused             permanent  another 4xx
///     fetch_too_large           permanent  more than max_bytes
///     fetch_too_many_redirects  permanent
///     fetch_timeout             transient  the host is too slow
///     fetch_failed              transient  no connection, cut off, 5xx, 429
///     fetch_storage_full        transient  the sink's error was `no_space`
///     fetch_storage_failed      transient  another error of the sink
///     fetch_cancelled           transient  `stop` was requested
///
/// `message` is one line that names the host, but no user, password, path, query or address.
struct FetchError {
  std::string code;
  std::string message;
  FailureKind kind = FailureKind::permanent;
};

/// Takes the fetched bytes in order.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Called before the first byte, and again when the host starts over: the bytes so far are void
  /// then. `size` is the announced one.
  virtual Result<void> begin(std::optional<std::uint64_t> size) = 0;
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
};

struct Fetched {
  std::uint64_t bytes = 0;
  std::string content_type;  ///< as the host says, empty if it does not
};

/// Downloads audio over http and https. The URL comes from a user and is not trusted, so only
/// public addresses and `allow_networks` are reached: see docs/adr/0012. Thread-safe.
class Fetcher {
 public:
  explicit Fetcher(FetchOptions options);

  /// Streams the content of `url` into `sink`. After a broken connection it continues at the last
  /// byte, if the host supports ranges and the content is still the same. Ends within a second
  /// after `stop`.
  tl::expected<Fetched, FetchError> fetch(const std::string& url, Sink& sink,
                                          const std::stop_token& stop) const;

 private:
  FetchOptions options_;
  net::HttpClient client_;
};

/// `fetch_bad_url` if fetch() refuses the URL without a connection; else nothing.
std::optional<FetchError> check_url(const std::string& url);

/// The URL without user, password, query and fragment: for logs. "(no URL)" if it is none.
std::string loggable(const std::string& url);

}  // namespace steno::fetch
