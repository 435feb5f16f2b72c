#include "http/router.h"

#include <algorithm>
#include <stdexcept>

namespace steno::http {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string> pattern_segments(std::string_view pattern) {
  auto segments = decode_path(pattern);
  if (!segments) throw std::invalid_argument("route " + std::string(pattern));
  for (const std::string& segment : *segments) {
    const bool opens = segment.find('{') != std::string::npos;
    const bool closes = segment.find('}') != std::string::npos;
    const bool whole = segment.size() > 2 && segment.front() == '{' && segment.back() == '}' &&
                       std::ranges::count(segment, '{') == 1 &&
                       std::ranges::count(segment, '}') == 1;
    if ((opens || closes) && !whole) throw std::invalid_argument("route " + std::string(pattern));
  }
  return *std::move(segments);
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  const auto same = [](const std::string& own, const std::string& segment) {
    return is_parameter(own) ? !segment.empty() : own == segment;
  };
  return std::ranges::equal(pattern, path, same);
}

/// Whether `a` has a literal segment at the first position where they differ and `b` a parameter.
bool is_closer(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  const auto [one, other] = std::ranges::mismatch(a, b);
  return one != a.end() && !is_parameter(*one);
}

bool serves(const Route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

void add_name(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

std::string shape_of(const std::vector<std::string>& segments) {
  std::string shape;
  for (const std::string& segment : segments)
    shape += is_parameter(segment) ? "/{}" : "/" + segment;
  return shape;
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler,
                 RouteOptions options) {
  auto segments = pattern_segments(pattern);
  std::string shape = shape_of(segments);
  for (const Route& route : routes_) {
    if (route.method == method && route.shape == shape) {
      throw std::invalid_argument("route " + std::string(pattern) + " is there twice");
    }
  }
  routes_.push_back({std::string(method), std::string(pattern), std::move(handler),
                     std::move(options), std::move(segments), std::move(shape)});
}

Router::Match Router::find(const RequestHead& head) const {
  const Route* path = nullptr;
  for (const Route& route : routes_) {
    if (!fits(route.segments, head.segments)) continue;
    if (path == nullptr || is_closer(route.segments, path->segments)) path = &route;
  }
  Match match;
  if (path == nullptr) return match;
  for (const Route& route : routes_) {
    if (route.shape != path->shape) continue;
    add_name(match.allowed, route.method);
    if (route.method == "GET") add_name(match.allowed, "HEAD");
    if (serves(route, head.method)) match.route = &route;
  }
  add_name(match.allowed, "OPTIONS");
  return match;
}

Task<void> Router::handle(Request& request, Responder& responder, std::uint64_t body_bytes) const {
  const Match match = request.path() == "*" ? Match{} : find(request.head());
  request.route_ = match.route;
  if (match.route != nullptr) {
    body_bytes = match.route->options.body_bytes.value_or(body_bytes);
    for (std::size_t i = 0; i < match.route->segments.size(); ++i) {
      const std::string& own = match.route->segments[i];
      if (is_parameter(own)) {
        request.parameters_.emplace_back(own.substr(1, own.size() - 2), request.head().segments[i]);
      }
    }
  }
  request.body_.limit(body_bytes);
  const Handler last = [&match](Request& asked, Responder& answer) {
    return answer_match(match, asked, answer);
  };
  co_await run(0, request, responder, last);
}

Task<void> Router::answer_match(const Match& match, Request& request, Responder& responder) {
  if (match.route != nullptr) {
    co_await match.route->handler(request, responder);
    co_return;
  }
  const bool whole_server = request.path() == "*";
  if (request.method() == "OPTIONS" && (whole_server || !match.allowed.empty())) {
    Response response = Response::empty(204);
    if (!whole_server) response.headers.set("Allow", match.allowed);
    co_await responder.send(std::move(response));
    co_return;
  }
  if (match.allowed.empty())
    throw ProblemError({404, "not_found", "there is nothing at this path"});
  Problem problem{405, "method_not_allowed", "this path takes " + match.allowed};
  problem.headers.set("Allow", match.allowed);
  throw ProblemError(std::move(problem));
}

Task<void> Router::run(std::size_t middleware, Request& request, Responder& responder,
                       const Handler& last) const {
  if (middleware == middlewares_.size()) {
    co_await last(request, responder);
    co_return;
  }
  const Handler next = [this, middleware, &last](Request& asked, Responder& answer) {
    return run(middleware + 1, asked, answer, last);
  };
  co_await middlewares_[middleware](request, responder, next);
}

}  // namespace steno::http
