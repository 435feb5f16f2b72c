#pragma once

#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "http/problem.h"
#include "http/response.h"
#include "http/router.h"
#include "service/error.h"
#include "telemetry/log.h"

// How a failure of a use case becomes an answer. A handler throws it; one middleware writes it in
// the shape that the clients of the route's group expect.

namespace steno::api {

/// Thrown by a handler to answer with an error. error_answers() writes the answer.
class RequestError : public std::exception {
 public:
  explicit RequestError(service::ServiceError error) : error_(std::move(error)) {}
  const service::ServiceError& error() const { return error_; }
  const char* what() const noexcept override { return error_.detail.c_str(); }

 private:
  service::ServiceError error_;
};

/// The value of what a use case returned; throws RequestError if it failed.
template <class T>
T value_of(service::Outcome<T> outcome) {
  if (!outcome) throw RequestError(std::move(outcome.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

/// Writes an error as the answer of one group of routes.
using ErrorRenderer = http::Response (*)(const service::ServiceError&);

/// The routes whose path starts with `prefix`, and the shape of their errors.
struct RouteGroup {
  std::string prefix;
  ErrorRenderer render;
};

/// Answers with the error that a handler threw: a RequestError, or a StoreError, which is logged.
/// The longest prefix that fits the path decides about the shape; one of them is "/".
http::Middleware error_answers(Log& log, std::vector<RouteGroup> groups);

/// The shape of /api/v1: application/problem+json (RFC 9457), with Retry-After if the error has it.
http::Response problem_answer(const service::ServiceError& error);

/// The same as a value.
http::Problem problem_of(const service::ServiceError& error);

}  // namespace steno::api
