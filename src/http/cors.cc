#include <algorithm>

#include "http/router.h"

namespace steno::http {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

/// The value of Access-Control-Allow-Origin for `origin`, or "" if the origin is not allowed.
std::string allowed(const CorsOptions& options, std::string_view origin) {
  if (std::ranges::find(options.origins, "*") != options.origins.end()) return "*";
  return std::ranges::find(options.origins, origin) != options.origins.end() ? std::string(origin)
                                                                             : "";
}

Task<void> answer_preflight(const CorsOptions& options, Responder& responder) {
  Response response = Response::empty(204);
  response.headers.set("Access-Control-Allow-Methods", joined(options.methods));
  response.headers.set("Access-Control-Allow-Headers", joined(options.request_headers));
  response.headers.set("Access-Control-Max-Age", std::to_string(options.max_age_s));
  co_await responder.send(std::move(response));
}

Task<void> add_cors(const CorsOptions& options, Request& request, Responder& responder,
                    const Handler& next) {
  const auto origin = request.header("Origin");
  const std::string value = origin ? allowed(options, *origin) : "";
  if (!options.origins.empty()) responder.headers().add("Vary", "Origin");
  if (!value.empty()) {
    responder.headers().set("Access-Control-Allow-Origin", value);
    responder.headers().set("Access-Control-Expose-Headers", joined(options.exposed_headers));
    if (request.method() == "OPTIONS" && request.header("Access-Control-Request-Method")) {
      co_await answer_preflight(options, responder);
      co_return;
    }
  }
  co_await next(request, responder);
}

}  // namespace

Middleware cors(CorsOptions options) {
  return
      [options = std::move(options)](Request& request, Responder& responder, const Handler& next) {
        return add_cors(options, request, responder, next);
      };
}

}  // namespace steno::http
