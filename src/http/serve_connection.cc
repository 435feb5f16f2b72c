#include "http/serve_connection.h"

#include <chrono>
#include <optional>
#include <string>

#include "http/exchange.h"
#include "http/message_parser.h"
#include "http/raw_header.h"

namespace steno::http {
namespace {

using Clock = Connection::Clock;

constexpr std::size_t kFirstReadBytes = 2048;
constexpr int kClientClosedRequest = 499;

enum class After { next_request, linger, close };

/// A received header, or the reason why there is none. Both are empty if the client disconnected.
struct Arrival {
  std::optional<ParsedHead> parsed;
  std::optional<Problem> problem;
};

/// Skips an empty line before a request (RFC 9112 2.2).
void skip_empty_line(Connection& connection) {
  if (connection.buffered().starts_with("\r\n")) connection.consume(2);
}

Problem too_long(std::string_view received, std::size_t limit) {
  if (received.substr(0, limit).find('\n') == std::string_view::npos) {
    return {414, "target_too_long", "the request line is too long"};
  }
  return {431, "header_too_large", "the header is too large"};
}

Arrival read_header(std::string_view header, const ServerLimits& limits) {
  if (auto problem = check_raw_header(header)) return {{}, std::move(problem)};
  auto parsed = parse_head(header, limits.header_bytes);
  if (!parsed) return {{}, Problem{400, "malformed_request", parsed.error().message}};
  return {*std::move(parsed), {}};
}

Task<Arrival> await_header(Connection& connection, Clock::duration patience) {
  const ServerLimits& limits = connection.limits();
  auto deadline = Clock::now() + patience;
  bool begun = false;
  while (true) {
    skip_empty_line(connection);
    const std::string_view received = connection.buffered();
    const HeaderEnd end = find_header_end(received);
    if (end.state == HeaderEnd::State::malformed) {
      co_return Arrival{{}, Problem{400, "malformed_request", "a line does not end with CR LF"}};
    }
    const bool complete = end.state == HeaderEnd::State::complete;
    if ((complete ? end.size : received.size()) > limits.header_bytes) {
      co_return Arrival{{}, too_long(received, limits.header_bytes)};
    }
    if (complete) {
      Arrival arrival = read_header(received.substr(0, end.size), limits);
      connection.consume(end.size);
      co_return arrival;
    }
    if (!received.empty() && !std::exchange(begun, true)) {
      deadline = Clock::now() + limits.header_timeout;
    }
    const std::size_t more = std::max(kFirstReadBytes, received.size());
    if (!co_await connection.fill(more, deadline)) {
      if (!connection.timed_out() || !begun) co_return Arrival{};
      co_return Arrival{{}, Problem{408, "header_timeout", "the header comes too slowly"}};
    }
  }
}

/// Serves one request from its header to its answer.
class RequestRun {
 public:
  RequestRun(const Site& site, Connection& connection, ParsedHead parsed)
      : site_(site),
        connection_(connection),
        start_(Clock::now()),
        sent_before_(connection.sent_bytes()),
        body_(connection, std::move(parsed.body), parsed.head.length, expectation(parsed.head)),
        request_(std::move(parsed.head), body_),
        exchange_(connection, request_.head(), body_, site.blocking) {}

  /// Runs the router, or answers with `refused`.
  Task<After> run(std::optional<Problem> refused) {
    std::optional<Problem> problem = std::move(refused);
    if (problem) {
      exchange_.close_after();
    } else {
      problem = co_await let_handle();
    }
    if (problem && exchange_.state() == Exchange::State::fresh) co_await answer(*problem);
    report();
    if (exchange_.state() != Exchange::State::complete) co_return After::close;
    co_return exchange_.keep_alive() ? After::next_request : After::linger;
  }

 private:
  static Expectation expectation(const RequestHead& head) {
    const auto expect = head.headers.get("Expect");
    return expect && head.minor_version == 1 ? Expectation::continue_100 : Expectation::none;
  }

  /// Runs the handler. Returns the problem to answer with, if any.
  Task<std::optional<Problem>> let_handle() {
    const Problem internal{500, "internal_error", "something went wrong here; it has been logged"};
    try {
      const auto expect = request_.header("Expect");
      if (expect && !equal_ignoring_case(*expect, "100-continue")) {
        co_return Problem{417, "expectation_failed", "only 100-continue can be expected here"};
      }
      Responder responder(exchange_);
      co_await site_.router.handle(request_, responder, site_.limits.body_bytes);
      if (exchange_.state() != Exchange::State::fresh || connection_.gone()) co_return std::nullopt;
      fault("the handler left the request without an answer");
      co_return internal;
    } catch (const ProblemError& error) {
      if (exchange_.state() != Exchange::State::fresh) fault(error.what());
      co_return error.problem();
    } catch (const ClientGone&) {
      co_return std::nullopt;
    } catch (const std::exception& error) {
      fault(error.what());
      co_return internal;
    } catch (...) {
      fault("something that is no std::exception was thrown");
      co_return internal;
    }
  }

  Task<void> answer(const Problem& problem) {
    try {
      Response response = Response::problem(problem);
      co_await exchange_.send(std::move(response));
    } catch (const ClientGone& gone) {
      fault(gone.what());
    }
  }

  void fault(std::string_view what) const {
    if (site_.hooks.on_error) site_.hooks.on_error(request_.id(), what);
  }

  void report() const {
    if (!site_.hooks.on_access) return;
    Access access;
    access.method = request_.method();
    access.path = request_.path();
    if (request_.route() != nullptr) access.route = request_.route()->pattern;
    access.request_id = request_.id();
    access.remote_address = request_.remote_address();
    access.status = exchange_.status() == 0 ? kClientClosedRequest : exchange_.status();
    access.received_bytes = body_.received();
    access.sent_bytes = connection_.sent_bytes() - sent_before_;
    access.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    site_.hooks.on_access(access);
  }

  const Site& site_;
  Connection& connection_;
  Clock::time_point start_;
  std::uint64_t sent_before_;
  BodyReader body_;
  Request request_;
  Exchange exchange_;
};

/// A placeholder for a request that could not be parsed.
ParsedHead unread_request() {
  ParsedHead parsed;
  parsed.head.length = 0;
  return parsed;
}

Task<After> serve_one(const Site& site, Connection& connection, const std::string& remote,
                      Clock::duration patience) {
  connection.enter(Connection::Phase::idle);
  if (connection.stopping()) co_return After::close;
  Arrival arrival = co_await await_header(connection, patience);
  if (!arrival.parsed && !arrival.problem) co_return After::close;
  connection.enter(Connection::Phase::busy);
  ParsedHead parsed = arrival.parsed ? *std::move(arrival.parsed) : unread_request();
  parsed.head.remote_address = remote;
  parsed.head.secure = connection.secure();
  parsed.head.host = parsed.head.headers.get("Host").value_or("");
  apply_forwarded(parsed.head, site.is_trusted_proxy);
  parsed.head.id = site.ids.for_request(parsed.head.headers);
  RequestRun one(site, connection, std::move(parsed));
  co_return co_await one.run(std::move(arrival.problem));
}

}  // namespace

Task<void> serve_connection(const Site& site, std::shared_ptr<Connection> connection) {
  const std::string remote = connection->remote_address();
  if (!co_await connection->handshake()) co_return;
  Clock::duration patience = site.limits.header_timeout;
  After after = After::next_request;
  while (after == After::next_request) {
    after = co_await serve_one(site, *connection, remote, patience);
    patience = site.limits.keep_alive_timeout;
  }
  if (after == After::linger) co_await connection->linger();
}

Task<void> refuse_connection(std::shared_ptr<Connection> connection) {
  const std::string body = to_json({503, "too_many_connections", "try again later"});
  const std::string head =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
      "Retry-After: 5\r\nConnection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n";
  co_await connection->write(head, body);
  co_await connection->linger();
}

}  // namespace steno::http
