#include "net/http_client.h"

#include <algorithm>
#include <array>

#include "base/pause.h"
#include "base/url.h"
#include "net/handle_pool.h"
#include "net/transfer.h"

namespace steno::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Whether a redirect of this status is followed by a GET without a body, as browsers do it.
bool becomes_get(int status, const std::string& method) {
  if (method == "GET" || method == "HEAD") return false;
  return status == 303 || ((status == 301 || status == 302) && method == "POST");
}

bool rewind(const HttpRequest& request) {
  if (request.source != nullptr && !request.source->rewind()) return false;
  return std::all_of(request.form.begin(), request.form.end(), [](const FormPart& part) {
    return part.source == nullptr || part.source->rewind();
  });
}

std::string reason_of(const HttpResult& result) {
  if (result) return "status " + std::to_string(result->status);
  return result.error().as_error().message;
}

}  // namespace

std::string HttpResponse::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Error HttpError::as_error() const {
  if (cause) return *cause;
  const auto code = kind == HttpFailure::cancelled ? Errc::cancelled
                    : kind == HttpFailure::bad_url || kind == HttpFailure::blocked
                        ? Errc::invalid_argument
                        : Errc::unavailable;
  return {code, host + ": " + (detail.empty() ? reason : detail)};
}

bool is_transient(const HttpResult& result) {
  if (result) {
    constexpr std::array kTransient = {408, 425, 429, 500, 502, 503, 504};
    return std::find(kTransient.begin(), kTransient.end(), result->status) != kTransient.end();
  }
  const HttpFailure kind = result.error().kind;
  return kind == HttpFailure::unreachable || kind == HttpFailure::timeout ||
         kind == HttpFailure::broken;
}

struct HttpClient::State {
  explicit State(HttpClientOptions given)
      : options(std::move(given)), pool(options.idle_connections), budget(options.retry_budget) {}

  /// One attempt, with its redirects.
  HttpResult follow(const HttpRequest& request, const BodySink& sink, bool& was_delivered,
                    std::optional<SteadyClock::time_point> deadline, const std::stop_token& stop);
  HttpResult send_hop(const Hop& hop, const BodySink& sink, bool& was_delivered,
                      const std::stop_token& stop);

  const HttpClientOptions options;
  HandlePool pool;
  RetryBudget budget;
};

HttpResult HttpClient::State::send_hop(const Hop& hop, const BodySink& sink, bool& was_delivered,
                                       const std::stop_token& stop) {
  const auto target = origin(hop.url);
  if (!target) {
    return tl::unexpected(failure(HttpFailure::bad_url, hop.url, "not an http or https URL"));
  }
  auto handles = pool.take(*target);
  // If this throws, the handles end with their half-used connection.
  HttpResult result = transfer(*handles, options, hop, sink, was_delivered, stop);
  pool.give_back(*target, std::move(handles));
  return result;
}

HttpResult HttpClient::State::follow(const HttpRequest& request, const BodySink& sink,
                                     bool& was_delivered,
                                     std::optional<SteadyClock::time_point> deadline,
                                     const std::stop_token& stop) {
  const auto home = origin(request.url);
  Hop hop{request, request.method, request.url, true, true, deadline};
  const auto refused = [&](HttpFailure kind, const char* words) {
    return tl::unexpected(failure(kind, hop.url, words));
  };
  for (int followed = 0;; ++followed) {
    auto response = send_hop(hop, sink, was_delivered, stop);
    const Redirects& redirects = request.redirects;
    if (!response || response->redirect.empty() || redirects.max == 0) return response;
    if (redirects.follows && !redirects.follows(*response)) return response;
    if (followed >= redirects.max) {
      return refused(HttpFailure::too_many_redirects, "redirects too often");
    }
    const auto target = origin(response->redirect);
    if (!target) return refused(HttpFailure::bad_url, "redirects to no http or https URL");
    const bool is_secure = origin(hop.url)->starts_with("https:");
    if (is_secure && !target->starts_with("https:") && !redirects.allows_insecure) {
      return refused(HttpFailure::insecure_redirect, "redirects from https to http");
    }
    if (becomes_get(response->status, hop.method)) {
      hop.method = "GET";
      hop.has_body = false;
    }
    if (hop.has_body && !rewind(request)) return response;
    hop.url = response->redirect;
    hop.has_credentials = target == home;
  }
}

HttpClient::HttpClient(HttpClientOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

HttpResult HttpClient::send(const HttpRequest& request, const std::stop_token& stop) const {
  return send(request, {}, stop);
}

HttpResult HttpClient::send(const HttpRequest& request, const BodySink& sink,
                            const std::stop_token& stop) const {
  std::optional<SteadyClock::time_point> deadline;
  if (request.times.total.count() > 0) deadline = SteadyClock::now() + request.times.total;
  state_->budget.add_request();
  Backoff backoff(request.retry);
  for (int attempt = 1;; ++attempt) {
    bool was_delivered = false;
    auto result = state_->follow(request, sink, was_delivered, deadline, stop);
    if (attempt >= request.retry.attempts || was_delivered || !request.may_retry(result)) {
      return result;
    }
    const auto wait = backoff.next(result ? result->retry_after : std::nullopt);
    if (deadline && SteadyClock::now() + wait >= *deadline) return result;
    if (!rewind(request) || !state_->budget.take_retry()) return result;
    if (request.on_retry) request.on_retry(reason_of(result));
    pause_for(wait, stop);
    if (stop.stop_requested()) {
      return tl::unexpected(failure(HttpFailure::cancelled, request.url, "interrupted"));
    }
  }
}

}  // namespace steno::net
