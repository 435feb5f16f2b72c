#include "api/access/request_limit.h"

#include <any>
#include <memory>
#include <optional>

#include "api/core/errors.h"
#include "api/submit/in_progress.h"

namespace steno::api {

http::Middleware request_limit(const ApiOptions& options) {
  const auto running = std::make_shared<InProgress>(options.max_requests_per_key);
  return [running](http::Request& request, http::Responder& responder,
                   const http::Handler& next) -> http::Task<void> {
    std::optional<InProgress::Hold> hold;
    if (const auto* caller = std::any_cast<Caller>(&request.context())) {
      auto entered = running->enter(caller->key_id);
      if (!entered) {
        throw http::ProblemError(
            too_many("too_many_requests", "Too many requests with this key are running", "1"));
      }
      hold.emplace(*std::move(entered));
    }
    co_await next(request, responder);
  };
}

}  // namespace steno::api
