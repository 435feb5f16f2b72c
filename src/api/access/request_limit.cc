#include "api/access/request_limit.h"

#include <any>
#include <memory>
#include <optional>

#include "api/core/errors.h"
#include "service/in_progress.h"

namespace steno::api {

http::Middleware request_limit(const ApiOptions& options) {
  const auto running = std::make_shared<service::InProgress>(options.max_requests_per_key);
  return [running](http::Request& request, http::Responder& responder,
                   const http::Handler& next) -> http::Task<void> {
    std::optional<service::InProgress::Entry> entry;
    if (const auto* caller = std::any_cast<Caller>(&request.context())) {
      auto entered = running->enter(caller->key_id);
      if (!entered) {
        throw RequestError(service::too_many("too_many_requests",
                                             "Too many requests with this key are running", 1));
      }
      entry.emplace(*std::move(entered));
    }
    co_await next(request, responder);
  };
}

}  // namespace steno::api
