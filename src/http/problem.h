#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "http/headers.h"

namespace steno::http {

/// One thing that is wrong in a request.
struct FieldError {
  std::string path;     ///< JSON path, query key or header name
  std::string message;  ///< what would be right
};

/// An answer of the kind application/problem+json (RFC 9457).
struct Problem {
  int status = 500;
  std::string code;    ///< stable, snake_case, for programs
  std::string detail;  ///< for people; no secrets
  std::vector<FieldError> errors = {};
  Headers headers = {};  ///< further fields of the answer, e.g. Retry-After, Allow
};

/// The body: {"type", "title", "status", "code", "detail", "errors"}; `errors` only if there are
/// any. Bytes that are not UTF-8 are replaced.
std::string to_json(const Problem& problem);

/// The words for a status: "Not Found"; "Unknown" for a number without any.
std::string_view reason_phrase(int status);

/// Thrown by a handler or a middleware, it becomes the answer.
class ProblemError : public std::exception {
 public:
  explicit ProblemError(Problem problem) : problem_(std::move(problem)) {}
  const Problem& problem() const { return problem_; }
  const char* what() const noexcept override { return problem_.detail.c_str(); }

 private:
  Problem problem_;
};

/// Thrown by reads and writes of a connection that has broken. Handlers let it pass.
class ClientGone : public std::exception {
 public:
  const char* what() const noexcept override { return "the client has gone"; }
};

}  // namespace steno::http
