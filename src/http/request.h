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

/// The source of a request's body.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next piece, valid until the next call; empty at the end. Throws ClientGone or
  /// ProblemError: 400 for invalid framing, 408 for a slow sender, 413 above the limit.
  virtual Task<std::string_view> next() = 0;
  /// Sets the most bytes that the whole body may have.
  virtual void limit(std::uint64_t bytes) = 0;
};

/// The decoded and validated part of a request before its body.
struct RequestHead {
  std::string method;                 ///< such as "GET"; HEAD is not mapped to GET
  std::string target;                 ///< as it was sent
  std::string path;                   ///< encoded, without the query
  std::vector<std::string> segments;  ///< of the path, decoded
  Query query;
  Headers headers;
  int minor_version = 1;  ///< 1 for HTTP/1.1
  /// Content-Length; none for a chunked body, 0 without a body.
  std::optional<std::uint64_t> length;
  std::string remote_address;  ///< the client's IP address, without port; see forwarded.h
  std::string id;              ///< X-Request-Id, the client's or a new one
  bool secure = false;         ///< sent over TLS by the client
  std::string host;            ///< the requested host with its port; empty if none was named
  std::string prefix;          ///< the path before this service's paths, such as "/steno"
};

/// One request. Valid until its handler has ended. Use it on its connection's thread.
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
  const std::string& host() const { return head_.host; }
  const std::string& prefix() const { return head_.prefix; }

  /// The decoded value of `{name}` in the route's pattern. Throws std::out_of_range if the pattern
  /// has no such name.
  const std::string& parameter(std::string_view name) const;

  /// The matching route. Null in a middleware that runs for a 404, 405 or OPTIONS.
  const Route* route() const { return route_; }

  /// Data that a middleware passes to the handler, such as the caller's identity.
  std::any& context() { return context_; }

  /// The next piece of the body, as BodySource::next(). Nothing is read from the network before the
  /// call. The first call answers "Expect: 100-continue".
  Task<std::string_view> read_some() { return body_.next(); }

  /// The whole body. Throws as read_some(), and 413 above `limit` bytes.
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
