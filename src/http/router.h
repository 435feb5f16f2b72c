#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/responder.h"
#include "http/task.h"

namespace steno::http {

/// Answers a request.
using Handler = std::function<Task<void>(Request&, Responder&)>;

/// Runs before, after or instead of the handler: `co_await next(request, responder)`.
using Middleware = std::function<Task<void>(Request&, Responder&, const Handler& next)>;

struct RouteOptions {
  /// Most bytes of a request's body; 413 above it. None: ServerLimits::body_bytes.
  std::optional<std::uint64_t> body_bytes = {};
  /// Data for middlewares, such as the scope that a key must have.
  std::string tag = {};
};

/// One method of one path.
struct Route {
  std::string method;  ///< such as "GET", which also serves HEAD
  /// Such as "/jobs/{job_id}/result"; a parameter is one whole, non-empty segment.
  std::string pattern;
  Handler handler;
  RouteOptions options;
  std::vector<std::string> segments;  ///< of the pattern
  std::string shape;                  ///< the pattern without the parameters' names
};

/// Finds the handler of a request. Filled before the server starts and only read afterwards.
class Router {
 public:
  /// Adds a route. Throws std::invalid_argument for a pattern without leading "/" or with a
  /// malformed "{name}", and for a duplicate route. A literal segment takes precedence over a
  /// parameter.
  void add(std::string_view method, std::string_view pattern, Handler handler,
           RouteOptions options = {});

  /// Adds a middleware. Middlewares run in the order in which they were added, for every request
  /// that could be parsed, also if no route matches.
  void use(Middleware middleware) { middlewares_.push_back(std::move(middleware)); }

  /// Answers by the matching route; otherwise 404, 405 with Allow, or 204 with Allow for OPTIONS.
  /// `body_bytes` is the limit of routes that have none of their own.
  Task<void> handle(Request& request, Responder& responder, std::uint64_t body_bytes) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Match {
    const Route* route = nullptr;
    std::string allowed;  ///< methods of the path, separated by ", "; "" if there is no such path
  };
  Match find(const RequestHead& head) const;
  static Task<void> answer_match(const Match& match, Request& request, Responder& responder);
  Task<void> run(std::size_t middleware, Request& request, Responder& responder,
                 const Handler& last) const;

  std::vector<Route> routes_;
  std::vector<Middleware> middlewares_;
};

/// The permissions of web pages of other origins.
struct CorsOptions {
  std::vector<std::string> origins = {};  ///< "https://app.example"; "*" for any
  std::vector<std::string> methods = {"GET", "POST", "DELETE"};
  std::vector<std::string> request_headers = {"Authorization", "X-API-Key", "Content-Type"};
  std::vector<std::string> exposed_headers = {"X-Request-Id"};
  int max_age_s = 600;  ///< how long a browser may cache the answer
};

/// Answers preflight requests of allowed origins and adds CORS headers to other answers.
Middleware cors(CorsOptions options);

}  // namespace steno::http
