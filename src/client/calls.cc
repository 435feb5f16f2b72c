#include "client/calls.h"

#include <limits>
#include <span>
#include <utility>

#include "client/refusal.h"

namespace steno::client {
namespace {

constexpr std::chrono::seconds kConnectTime{10};
constexpr std::chrono::seconds kIdleTime{60};
/// A transcript of some days of speech.
constexpr std::uint64_t kLargestBody = std::uint64_t{1} << 30;

/// Failures that leave open whether there is a server at the address.
bool is_without_contact(net::HttpFailure kind) {
  return kind == net::HttpFailure::bad_url || kind == net::HttpFailure::unreachable ||
         kind == net::HttpFailure::timeout;
}

/// Whether the same call may succeed in a moment.
bool is_transient_refusal(const net::HttpResponse& response) {
  const int status = response.status;
  return status == 429 || status == 502 || status == 503 || status == 504 ||
         (status == 409 && problem_code(response) == "idempotency_in_progress");
}

net::HttpClientOptions http_options(const Server& server) {
  net::HttpClientOptions options;
  options.trusted_certificates = server.trusted_certificates;
  // One command calls one service: Patience alone limits its retries.
  options.retry_budget.reserve = std::numeric_limits<double>::infinity();
  return options;
}

}  // namespace

net::RetryPolicy retry_policy(const Patience& patience) {
  return {patience.attempts, patience.first_wait, patience.longest_wait, patience.longest_wait};
}

Caller::Caller(Server server, Patience patience)
    : server_(std::move(server)), patience_(patience), http_(http_options(server_)) {}

net::HttpRequest Caller::request(const char* method, const std::string& path) const {
  net::HttpRequest request;
  request.method = method;
  request.url = server_.url + path;
  request.bearer_token = server_.key;
  request.accepts_compressed = true;
  request.max_body = kLargestBody;
  request.times = {.connect = kConnectTime, .idle = kIdleTime};
  return request;
}

Result<net::HttpResponse> Caller::call(net::HttpRequest request, Again again,
                                       const std::stop_token& stop) {
  request.retry = retry_policy(patience_);
  if (again == Again::never) request.retry.attempts = 1;
  request.may_retry = [this](const net::HttpResult& result) {
    note(result);
    return result ? is_transient_refusal(*result) : net::is_transient(result) && has_reached_;
  };
  auto result = http_.send(request, stop);
  note(result);
  if (!result) return tl::unexpected(error_of(result.error()));
  if (result->status >= 300) return tl::unexpected(refusal_of(*result, server_));
  return *std::move(result);
}

Result<net::HttpResponse> Caller::stream(const net::HttpRequest& request,
                                         const std::function<void(std::string_view)>& sink,
                                         const std::stop_token& stop) {
  const auto take = [&](const net::HttpResponse&, std::span<const std::byte> bytes) {
    sink({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return Result<void>();
  };
  auto result = http_.send(request, take, stop);
  note(result);
  if (!result) return tl::unexpected(error_of(result.error()));
  return *std::move(result);
}

void Caller::note(const net::HttpResult& result) {
  has_reached_ = has_reached_ || result || !is_without_contact(result.error().kind);
}

Error Caller::error_of(const net::HttpError& error) const {
  if (error.kind == net::HttpFailure::cancelled) return {Errc::cancelled, "interrupted"};
  if (error.cause) return *error.cause;
  const std::string what = is_without_contact(error.kind)
                               ? "cannot reach the service at "
                               : "lost the connection to the service at ";
  return {Errc::unavailable,
          what + server_.url + ": " + (error.detail.empty() ? error.reason : error.detail)};
}

}  // namespace steno::client
