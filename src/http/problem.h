#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "http/headers.h"

namespace steno::http {

/// One value of a request that is wrong.
struct InvalidParameter {
  std::string path;     ///< JSON path, query key or header name
  std::string message;  ///< what would be valid
};

/// An application/problem+json answer (RFC 9457).
struct Problem {
  int status = 500;
  std::string code;    ///< stable, snake_case, for programs
  std::string detail;  ///< for people; contains no secrets
  std::vector<InvalidParameter> errors = {};
  Headers headers = {};  ///< further header fields of the answer, such as Retry-After or Allow
};

/// The body: {"type", "title", "status", "code", "detail", "errors"}. `errors` is present only if
/// there are any. Bytes that are not UTF-8 are replaced.
std::string to_json(const Problem& problem);

/// The reason phrase of a status, such as "Not Found"; "Unknown" for an unassigned number.
std::string_view reason_phrase(int status);

/// A handler or middleware throws it to answer with a problem.
class ProblemError : public std::exception {
 public:
  explicit ProblemError(Problem problem) : problem_(std::move(problem)) {}
  const Problem& problem() const { return problem_; }
  const char* what() const noexcept override { return problem_.detail.c_str(); }

 private:
  Problem problem_;
};

/// Thrown when a read or write finds the connection broken. Handlers do not catch it.
class ClientGone : public std::exception {
 public:
  const char* what() const noexcept override { return "the client has gone"; }
};

}  // namespace steno::http
