#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/headers.h"
#include "http/query.h"
#include "http/task.h"

namespace steno::http {

struct Route;

/// Where the pieces of a request's body come from.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next piece, valid until the next call; empty at the end. Throws ProblemError (400 for bad
  /// framing, 408 for a sender that is too slow, 413 beyond the limit) or ClientGone.
  virtual Task<std::string_view> next() = 0;
  /// Sets how many bytes the whole body may have.
  virtual void limit(std::uint64_t bytes) = 0;
};

/// What stands before the body, decoded and checked.
struct RequestHead {
  std::string method;                 ///< "GET"; HEAD stays HEAD
  std::string target;                 ///< as it was sent
  std::string path;                   ///< encoded, without the query
  std::vector<std::string> segments;  ///< of the path, decoded
  Query query;
  Headers headers;
  int minor_version = 1;                ///< 1 for HTTP/1.1
  std::optional<std::uint64_t> length;  ///< Content-Length; none for chunked, 0 without body
  std::string remote_address;           ///< the peer's IP address, without port
  std::string id;                       ///< X-Request-Id, the client's or a new one
  bool secure = false;                  ///< came over TLS
};

/// One request. Lives until its handler has ended. Belongs to its connection's thread.
class Request {
 public:
  Request(RequestHead head, BodySource& body) : head_(std::move(head)), body_(body) {}

  const RequestHead& head() const { return head_; }
  const std::string& method() const { return head_.method; }
  /// The path as it was sent: still encoded, without the query.
  const std::string& path() const { return head_.path; }
  const Query& query() const { return head_.query; }
  const Headers& headers() const { return head_.headers; }
  std::optional<std::string_view> header(std::string_view name) const {
    return head_.headers.get(name);
  }
  const std::string& remote_address() const { return head_.remote_address; }
  const std::string& id() const { return head_.id; }
  bool secure() const { return head_.secure; }

  /// The value of `{name}` in the route's pattern, decoded. A name that the pattern does not have
  /// is a bug of the caller: std::out_of_range.
  const std::string& parameter(std::string_view name) const;

  /// The route that fits; null in a middleware that runs for a 404, 405 or OPTIONS.
  const Route* route() const { return route_; }

  /// Whatever a middleware wants to tell the handler, e.g. who is calling.
  std::any& context() { return context_; }

  /// The next piece of the body, as BodySource::next(). Nothing more is read from the network until
  /// it is asked for. Answers "Expect: 100-continue" at the first call.
  Task<std::string_view> read_some() { return body_.next(); }

  /// The whole body, for small ones. Throws as read_some(), 413 beyond `limit` bytes.
  Task<std::string> read_all(std::size_t limit);

 private:
  friend class Router;
  RequestHead head_;
  BodySource& body_;
  const Route* route_ = nullptr;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::any context_;
};

}  // namespace steno::http
