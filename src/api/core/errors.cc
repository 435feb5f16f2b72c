#include "api/core/errors.h"

namespace steno::api {
namespace {

http::Problem later(int status, std::string_view code, std::string_view detail,
                    std::string_view seconds) {
  http::Problem problem{status, std::string(code), std::string(detail)};
  problem.headers.set("Retry-After", seconds);
  return problem;
}

http::Problem full_disk() {
  return later(507, "insufficient_storage",
               "The service has no room left on its disk; try again later", "60");
}

}  // namespace

http::Problem problem_of(const StoreError& error) {
  switch (error.kind()) {
    case StoreError::Kind::busy:
      return later(503, "database_busy", "The database is busy; try again", "1");
    case StoreError::Kind::no_space:
      return full_disk();
    case StoreError::Kind::other:
      break;
  }
  return later(503, "database_unavailable", "The database cannot be read or written now", "5");
}

http::Problem problem_of_storage(const Error& error) {
  if (error.code == Errc::no_space) return full_disk();
  return later(503, "storage_unavailable", "The service cannot read or write its storage now", "5");
}

http::Problem too_many(std::string_view code, std::string_view detail, std::string_view seconds) {
  return later(429, code, detail, seconds);
}

http::ProblemError not_found(std::string_view thing) {
  return http::ProblemError({404, "not_found", "There is no such " + std::string(thing)});
}

http::Middleware database_errors(Log& log) {
  return [&log](http::Request& request, http::Responder& responder,
                const http::Handler& next) -> http::Task<void> {
    try {
      co_await next(request, responder);
    } catch (const StoreError& error) {
      log.error("the database failed", {{"request_id", request.id()}, {"error", error.what()}});
      if (responder.started()) throw;
      throw http::ProblemError(problem_of(error));
    }
  };
}

}  // namespace steno::api
