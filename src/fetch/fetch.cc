#include "fetch/fetch.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "base/pause.h"
#include "base/url.h"
#include "fetch/exchange.h"

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

/// What If-Range takes: a strong entity tag or else the time of the last change.
std::string validator_of(const Answer& answer) {
  return answer.etag.starts_with('"') ? answer.etag : answer.last_modified;
}

std::optional<FetchError> refusal_of(const Answer& answer, const std::string& url) {
  const int status = answer.status;
  const std::string what = "status " + std::to_string(status);
  if (status / 100 == 2) return std::nullopt;
  if (status == 404 || status == 410) {
    return failure("fetch_not_found", url, "there is nothing (" + what + ")", Retry::never);
  }
  if (status == 401 || status == 403) {
    return failure("fetch_forbidden", url, "does not give it to us (" + what + ")", Retry::never);
  }
  if (status >= 500 || status == 408 || status == 425 || status == 429) {
    return failure("fetch_failed", url, what, Retry::later);
  }
  return failure("fetch_refused", url, what, Retry::never);
}

FetchError storage_failure(const Error& error) {
  const bool is_full = error.code == Errc::no_space;
  return {is_full ? "fetch_storage_full" : "fetch_storage_failed", error.message, Retry::later};
}

/// Half to all of `wait`, so that many who wait for one host do not come back at once.
milliseconds with_jitter(milliseconds wait) {
  std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<milliseconds::rep> part(wait.count() / 2, wait.count());
  return milliseconds(part(random));
}

/// One call of fetch().
class Download {
 public:
  Download(const FetchOptions& options, const std::string& url, Sink& sink,
           const std::stop_token& stop)
      : options_(options),
        url_(url),
        sink_(sink),
        stop_(stop),
        deadline_(steady_clock::now() + options.total_timeout) {}

  tl::expected<Fetched, FetchError> run() {
    std::uint64_t most = 0;
    for (int failures = 0;;) {
      const auto failed = attempt();
      if (!failed) return Fetched{received_, content_type_};
      // Against a host that always cuts, only what was never reached before counts as progress.
      failures = received_ > most ? 1 : failures + 1;
      most = std::max(most, received_);
      const bool may_pass = failed->code == "fetch_failed" || failed->code == "fetch_timeout";
      if (!may_pass || failures >= options_.attempts || !pause_after(failures)) {
        return tl::unexpected(*failed);
      }
    }
  }

 private:
  std::optional<FetchError> attempt();
  std::optional<FetchError> take(const Answer& answer, std::span<const std::byte> bytes);
  std::optional<FetchError> take_head(const Answer& answer);
  std::optional<FetchError> start_over(const Answer& answer);
  std::optional<FetchError> finish(const Answer& answer);

  milliseconds left() const {
    return std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  }

  /// False if the time is up before the next attempt could begin.
  bool pause_after(int failures) {
    const milliseconds doubled = options_.first_wait * (1LL << std::min(failures - 1, 10));
    const milliseconds asked = std::min<milliseconds>(retry_after_, options_.longest_retry_after);
    const milliseconds wait =
        std::max(with_jitter(std::min(doubled, options_.longest_wait)), asked);
    if (wait >= left()) return false;
    pause_for(wait, stop_);
    return true;
  }

  FetchError too_large() const {
    return failure(
        "fetch_too_large", url_,
        "holds more than the " + std::to_string(options_.max_bytes) + " bytes that are allowed",
        Retry::never);
  }

  const FetchOptions& options_;
  const std::string& url_;
  Sink& sink_;
  const std::stop_token& stop_;
  steady_clock::time_point deadline_;
  TransferHandle transfer_;

  std::uint64_t received_ = 0;  ///< what the sink holds
  std::optional<std::uint64_t> total_;
  std::string validator_;  ///< of what the sink holds; empty if it cannot be continued
  std::string content_type_;
  bool has_head_ = false;  ///< of this attempt
  std::chrono::seconds retry_after_{0};
};

std::optional<FetchError> Download::attempt() {
  has_head_ = false;
  retry_after_ = {};
  const auto on_body = [this](const Answer& answer, std::span<const std::byte> bytes) {
    return take(answer, bytes);
  };
  Request request{url_, validator_.empty() ? 0 : received_, validator_, {}};
  for (int hop = 0; hop <= options_.max_redirects; ++hop) {
    request.timeout = left();
    if (request.timeout <= milliseconds::zero()) {
      return failure("fetch_timeout", url_, "took longer than is allowed", Retry::later);
    }
    const auto answer = exchange(transfer_, options_, request, on_body, stop_);
    if (!answer) return answer.error();
    retry_after_ = answer->retry_after;
    if (answer->redirect.empty()) {
      if (answer->status == 416) validator_.clear();
      // A part that was asked for and refused may still come whole.
      if (answer->status == 416 && request.from > 0) {
        return failure("fetch_failed", url_, "does not continue what it began", Retry::later);
      }
      if (auto refused = refusal_of(*answer, request.url)) return refused;
      return finish(*answer);
    }
    if (auto bad = check_url(answer->redirect)) {
      return failure("fetch_bad_url", request.url, "redirects to no http or https URL",
                     Retry::never);
    }
    request.url = answer->redirect;
  }
  return failure("fetch_too_many_redirects", url_, "redirects too often", Retry::never);
}

std::optional<FetchError> Download::take(const Answer& answer, std::span<const std::byte> bytes) {
  if (!std::exchange(has_head_, true)) {
    if (auto failed = take_head(answer)) return failed;
  }
  if (bytes.size() > options_.max_bytes - received_) return too_large();
  if (auto written = sink_.write(bytes); !written) return storage_failure(written.error());
  received_ += bytes.size();
  return std::nullopt;
}

std::optional<FetchError> Download::take_head(const Answer& answer) {
  if (answer.status != 206) return start_over(answer);
  const auto range = parse_content_range(answer.content_range);
  const bool is_asked_for = !validator_.empty() && received_ > 0;
  const bool is_same =
      range && (!range->total || !total_ || range->total == total_) &&
      (answer.etag.empty() || !validator_.starts_with('"') || answer.etag == validator_);
  if (is_asked_for && is_same && range->first == received_) return std::nullopt;
  validator_.clear();  // the next attempt asks for all of it
  return failure("fetch_failed", url_, "sent another part than was asked for", Retry::later);
}

std::optional<FetchError> Download::start_over(const Answer& answer) {
  received_ = 0;
  total_ = answer.length;
  validator_ = validator_of(answer);
  content_type_ = answer.content_type;
  if (total_ && *total_ > options_.max_bytes) return too_large();
  if (auto begun = sink_.begin(total_); !begun) return storage_failure(begun.error());
  return std::nullopt;
}

std::optional<FetchError> Download::finish(const Answer& answer) {
  if (!has_head_) {  // an empty body
    if (auto failed = take_head(answer)) return failed;
  }
  if (!total_ || received_ == *total_) return std::nullopt;
  return failure("fetch_failed", url_, "sent less than it announced", Retry::later);
}

}  // namespace

tl::expected<Fetched, FetchError> Fetcher::fetch(const std::string& url, Sink& sink,
                                                 const std::stop_token& stop) const {
  if (auto bad = check_url(url)) return tl::unexpected(*bad);
  return Download(options_, url, sink, stop).run();
}

std::optional<FetchError> check_url(const std::string& url) {
  if (url.size() <= kLongestUrl && origin(url)) return std::nullopt;
  return FetchError{
      "fetch_bad_url",
      "not an http or https URL of at most " + std::to_string(kLongestUrl) + " characters",
      Retry::never};
}

std::string loggable(const std::string& url) {
  const std::string bare = bare_url(url);
  return bare.empty() ? "(no URL)" : bare;
}

}  // namespace steno::fetch
