#include "api/core/errors.h"

#include <algorithm>
#include <optional>

#include "store/store_error.h"

namespace steno::api {
namespace {

using service::ErrorKind;
using service::ServiceError;

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed:
      return 400;
    case ErrorKind::invalid:
      return 422;
    case ErrorKind::forbidden:
      return 403;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::gone:
      return 410;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::locked:
      return 423;
    case ErrorKind::checksum_mismatch:
      return 460;
    case ErrorKind::too_many:
      return 429;
    case ErrorKind::unavailable:
      return 503;
    case ErrorKind::no_space:
      return 507;
  }
  return 500;
}

ErrorRenderer renderer_for(const std::vector<RouteGroup>& groups, std::string_view path) {
  const RouteGroup* best = nullptr;
  for (const RouteGroup& group : groups) {
    if (!path.starts_with(group.prefix)) continue;
    if (best == nullptr || group.prefix.size() > best->prefix.size()) best = &group;
  }
  return best == nullptr ? problem_answer : best->render;
}

}  // namespace

http::Problem problem_of(const ServiceError& error) {
  http::Problem problem{status_of(error.kind), error.code, error.detail};
  for (const auto& field : error.fields) problem.errors.push_back({field.path, field.message});
  if (error.retry_after_s > 0) {
    problem.headers.set("Retry-After", std::to_string(error.retry_after_s));
  }
  return problem;
}

http::Response problem_answer(const ServiceError& error) {
  return http::Response::problem(problem_of(error));
}

http::Middleware error_answers(Log& log, std::vector<RouteGroup> groups) {
  return [&log, groups = std::move(groups)](http::Request& request, http::Responder& responder,
                                            const http::Handler& next) -> http::Task<void> {
    std::optional<ServiceError> failure;
    try {
      co_await next(request, responder);
    } catch (const RequestError& error) {
      if (responder.started()) throw;
      failure = error.error();
    } catch (const StoreError& error) {
      log.error("the database failed", {{"request_id", request.id()}, {"error", error.what()}});
      if (responder.started()) throw;
      failure = service::database_error(error);
    }
    if (!failure) co_return;
    http::Response answer = renderer_for(groups, request.path())(*failure);
    co_await responder.send(std::move(answer));
  };
}

}  // namespace steno::api
