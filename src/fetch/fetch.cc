#include "fetch/fetch.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/pause.h"
#include "base/url.h"

namespace steno::fetch {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLongestUrl = 8192;

/// `bytes FIRST-LAST/TOTAL`; the total may be `*`.
struct ContentRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> total;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  if (!text.starts_with(kUnit) || dash == std::string_view::npos || slash < dash) {
    return std::nullopt;
  }
  const auto first = number(text.substr(kUnit.size(), dash - kUnit.size()));
  if (!first || slash == std::string_view::npos) return std::nullopt;
  return ContentRange{*first, number(text.substr(slash + 1))};
}

/// The validator for If-Range: a strong entity tag or else the time of the last change.
std::string validator_of(const net::HttpResponse& response) {
  const std::string etag = response.header("etag");
  return etag.starts_with('"') ? etag : response.header("last-modified");
}

/// `HOST: WHAT`, with nothing else of the URL.
FetchError failure(const char* code, const std::string& url, const std::string& what,
                   FailureKind kind) {
  const std::string host = host_of(url);
  return {code, (host.empty() ? "the URL" : host) + ": " + what, kind};
}

FetchError failure_of(const net::HttpError& error) {
  const auto failed = [&](const char* code, FailureKind kind) {
    return FetchError{code, error.message(), kind};
  };
  switch (error.kind) {
    case net::HttpFailure::bad_url:
    case net::HttpFailure::insecure_redirect:
      return failed("fetch_bad_url", FailureKind::permanent);
    case net::HttpFailure::blocked:
      return failed("fetch_blocked", FailureKind::permanent);
    case net::HttpFailure::too_large:
      return failed("fetch_too_large", FailureKind::permanent);
    case net::HttpFailure::too_many_redirects:
      return failed("fetch_too_many_redirects", FailureKind::permanent);
    case net::HttpFailure::timeout:
      return failed("fetch_timeout", FailureKind::transient);
    case net::HttpFailure::cancelled:
      return failed("fetch_cancelled", FailureKind::transient);
    case net::HttpFailure::unreachable:
    case net::HttpFailure::broken:
    case net::HttpFailure::body:
      break;
  }
  return failed("fetch_failed", FailureKind::transient);
}

std::optional<FetchError> refusal_of(const net::HttpResponse& response) {
  const int status = response.status;
  const std::string& url = response.url;
  const std::string what = "status " + std::to_string(status);
  if (status / 100 == 2) return std::nullopt;
  if (status == 404 || status == 410) {
    return failure("fetch_not_found", url, "there is nothing (" + what + ")",
                   FailureKind::permanent);
  }
  if (status == 401 || status == 403) {
    return failure("fetch_forbidden", url, "refused the download (" + what + ")",
                   FailureKind::permanent);
  }
  if (status >= 500 || status == 408 || status == 425 || status == 429) {
    return failure("fetch_failed", url, what, FailureKind::transient);
  }
  return failure("fetch_refused", url, what, FailureKind::permanent);
}

FetchError storage_failure(const Error& error) {
  const bool is_full = error.code == Errc::no_space;
  return {is_full ? "fetch_storage_full" : "fetch_storage_failed", error.message,
          FailureKind::transient};
}

/// One call of fetch().
class Download {
 public:
  Download(const net::HttpClient& client, const FetchOptions& options, const std::string& url,
           Sink& sink, const std::stop_token& stop)
      : client_(client),
        options_(options),
        url_(url),
        sink_(sink),
        stop_(stop),
        backoff_(options.retry),
        deadline_(steady_clock::now() + options.total_timeout) {}

  tl::expected<Fetched, FetchError> run() {
    std::uint64_t most = 0;
    for (int failures = 0;;) {
      const auto failed = attempt();
      if (!failed) return Fetched{received_, content_type_};
      // Against a host that always cuts, only bytes that were never reached before are progress.
      const bool has_advanced = received_ > most;
      failures = has_advanced ? 1 : failures + 1;
      if (has_advanced) backoff_.reset();
      most = std::max(most, received_);
      const bool may_pass = failed->code == "fetch_failed" || failed->code == "fetch_timeout";
      if (!may_pass || failures >= options_.retry.attempts || !pause()) {
        return tl::unexpected(*failed);
      }
    }
  }

 private:
  std::optional<FetchError> attempt();
  std::optional<FetchError> take(const net::HttpResponse& response,
                                 std::span<const std::byte> bytes);
  std::optional<FetchError> take_head(const net::HttpResponse& response);
  std::optional<FetchError> start_over(const net::HttpResponse& response);
  std::optional<FetchError> finish(const net::HttpResponse& response);

  milliseconds left() const {
    return std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  }

  /// False if the time is up before the next attempt could begin.
  bool pause() {
    const milliseconds wait = backoff_.next(retry_after_);
    if (wait >= left()) return false;
    pause_for(wait, stop_);
    return true;
  }

  net::HttpRequest request() const;

  FetchError too_large() const {
    return failure(
        "fetch_too_large", url_,
        "holds more than the " + std::to_string(options_.max_bytes) + " bytes that are allowed",
        FailureKind::permanent);
  }

  const net::HttpClient& client_;
  const FetchOptions& options_;
  const std::string& url_;
  Sink& sink_;
  const std::stop_token& stop_;
  net::Backoff backoff_;
  steady_clock::time_point deadline_;

  std::uint64_t received_ = 0;  ///< bytes that the sink holds
  std::optional<std::uint64_t> total_;
  std::string validator_;  ///< of the sink's content; empty if it cannot be continued
  std::string content_type_;
  bool has_head_ = false;  ///< of this attempt
  std::optional<std::chrono::seconds> retry_after_;
};

net::HttpRequest Download::request() const {
  net::HttpRequest request;
  request.url = url_;
  if (!validator_.empty() && received_ > 0) {
    request.range = net::ByteRange{received_};
    request.headers = {{"If-Range", validator_}};
  }
  request.max_body = std::numeric_limits<std::uint64_t>::max();  // take() has the limit
  request.times = {options_.connect_timeout, options_.stall_timeout, left()};
  // The content is not secret, and the host of a recording chooses where it lies.
  request.redirects = {.max = options_.max_redirects, .allows_insecure = true};
  return request;
}

std::optional<FetchError> Download::attempt() {
  has_head_ = false;
  retry_after_ = {};
  if (left() <= milliseconds::zero()) {
    return failure("fetch_timeout", url_, "exceeded the time limit", FailureKind::transient);
  }
  std::optional<FetchError> failed;
  const auto on_body = [&](const net::HttpResponse& response,
                           std::span<const std::byte> bytes) -> Result<void> {
    failed = take(response, bytes);
    return failed ? Result<void>(fail(Errc::io, failed->message)) : Result<void>();
  };
  const auto request = this->request();
  const auto response = client_.send(request, on_body, stop_);
  if (failed) return failed;
  if (!response) return failure_of(response.error());
  retry_after_ = response->retry_after;
  if (response->status == 416) validator_.clear();
  // A part that was asked for and refused may still come whole.
  if (response->status == 416 && request.range) {
    return failure("fetch_failed", url_, "does not support continuing the download",
                   FailureKind::transient);
  }
  if (auto refused = refusal_of(*response)) return refused;
  return finish(*response);
}

std::optional<FetchError> Download::take(const net::HttpResponse& response,
                                         std::span<const std::byte> bytes) {
  if (!std::exchange(has_head_, true)) {
    if (auto failed = take_head(response)) return failed;
  }
  if (bytes.size() > options_.max_bytes - received_) return too_large();
  if (auto written = sink_.write(bytes); !written) return storage_failure(written.error());
  received_ += bytes.size();
  return std::nullopt;
}

std::optional<FetchError> Download::take_head(const net::HttpResponse& response) {
  if (response.status != 206) return start_over(response);
  const auto range = parse_content_range(response.header("content-range"));
  const bool is_asked_for = !validator_.empty() && received_ > 0;
  const std::string etag = response.header("etag");
  const bool is_same = range && (!range->total || !total_ || range->total == total_) &&
                       (etag.empty() || !validator_.starts_with('"') || etag == validator_);
  if (is_asked_for && is_same && range->first == received_) return std::nullopt;
  validator_.clear();  // the next attempt asks for all of it
  return failure("fetch_failed", url_, "sent a different part than requested",
                 FailureKind::transient);
}

std::optional<FetchError> Download::start_over(const net::HttpResponse& response) {
  received_ = 0;
  total_ = response.length;
  validator_ = validator_of(response);
  content_type_ = response.header("content-type");
  if (total_ && *total_ > options_.max_bytes) return too_large();
  if (auto begun = sink_.begin(total_); !begun) return storage_failure(begun.error());
  return std::nullopt;
}

std::optional<FetchError> Download::finish(const net::HttpResponse& response) {
  if (!has_head_) {  // an empty body
    if (auto failed = take_head(response)) return failed;
  }
  if (!total_ || received_ == *total_) return std::nullopt;
  return failure("fetch_failed", url_, "sent less than it announced", FailureKind::transient);
}

}  // namespace

Fetcher::Fetcher(FetchOptions options)
    : options_(std::move(options)),
      client_({.networks = net::HttpClientOptions::Networks::public_only,
               .allow_networks = options_.allow_networks}) {}

tl::expected<Fetched, FetchError> Fetcher::fetch(const std::string& url, Sink& sink,
                                                 const std::stop_token& stop) const {
  if (auto bad = check_url(url)) return tl::unexpected(*bad);
  return Download(client_, options_, url, sink, stop).run();
}

std::optional<FetchError> check_url(const std::string& url) {
  if (url.size() <= kLongestUrl && origin(url)) return std::nullopt;
  return FetchError{
      "fetch_bad_url",
      "not an http or https URL of at most " + std::to_string(kLongestUrl) + " characters",
      FailureKind::permanent};
}

std::string loggable(const std::string& url) {
  const std::string bare = bare_url(url);
  return bare.empty() ? "(no URL)" : bare;
}

}  // namespace steno::fetch
