#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>

#include "base/transfer.h"
#include "fetch/fetch.h"

namespace steno::fetch {

/// One request without redirects.
struct Request {
  std::string url;
  std::uint64_t from = 0;  ///< above 0: only the bytes from there on,
  std::string validator;   ///< and only if they still belong to this ETag or Last-Modified
  std::chrono::milliseconds timeout{0};
};

/// What the host said before the body.
struct Answer {
  int status = 0;
  std::optional<std::uint64_t> length;  ///< of this body
  std::string etag, last_modified, content_range, content_type;
  std::string redirect;  ///< where a 3xx points to, absolute; else empty
  std::chrono::seconds retry_after{0};
};

/// Takes the body of a 2xx answer piece by piece. An error ends the exchange.
using BodySink =
    std::function<std::optional<FetchError>(const Answer&, std::span<const std::byte>)>;

/// The answer, whatever its status; the body of one that is not 2xx is passed over. Fails with
/// `fetch_blocked`, `fetch_bad_url`, `fetch_timeout`, `fetch_failed`, `fetch_cancelled` or the
/// sink's error. What the sink throws comes out here.
tl::expected<Answer, FetchError> exchange(TransferHandle& transfer, const FetchOptions& options,
                                          const Request& request, const BodySink& sink,
                                          const std::stop_token& stop);

/// `HOST: WHAT`, with nothing else of the URL.
FetchError failure(const char* code, const std::string& url, const std::string& what, Retry retry);

}  // namespace steno::fetch
