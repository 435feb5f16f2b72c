#include "api/access/audio_links.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "api/core/errors.h"
#include "api/jobs/job_view.h"
#include "http/query.h"

namespace steno::api {
namespace {

blob::LinkSecret link_secret(Service& service) {
  const auto bytes = service.services.secret("links");
  blob::LinkSecret secret{};
  if (bytes.size() != secret.size()) throw std::logic_error("the secret of links has a wrong size");
  std::memcpy(secret.data(), bytes.data(), secret.size());
  return secret;
}

/// The signed text: path and query as they were sent.
std::string link_of(const http::Request& request) {
  const auto target = http::split_target(request.head().target);
  return target ? target->path + "?" + target->query : std::string();
}

bool is_signed(const http::Request& request) {
  return request.route() != nullptr && request.route()->pattern == kAudioPattern &&
         request.query().get("signature").has_value();
}

void check(const http::Request& request, Time now, const blob::LinkSecret& secret) {
  const auto path = blob::verify_link(link_of(request), now, secret);
  if (path) return;
  if (path.error().code == Errc::not_found) {
    throw RequestError({service::ErrorKind::forbidden, "link_expired",
                        "The link has expired; ask for the job again"});
  }
  throw RequestError(
      {service::ErrorKind::forbidden, "invalid_link", "The link is not one of this service"});
}

}  // namespace

AudioLinks::AudioLinks(Service& service) : service_(service), secret_(link_secret(service)) {}

std::string AudioLinks::make(std::string_view job_id, std::string_view base_url) const {
  const auto lifetime = std::max(service_.options.link_ttl, Milliseconds(1000));
  const auto step = std::max(lifetime / 4, Milliseconds(1000));
  const auto now = service_.clock.now().time_since_epoch();
  const Time expires(now - now % step + step + lifetime);
  return std::string(base_url) + blob::sign_link(job_path(job_id, "/audio"), expires, secret_);
}

http::Middleware signed_links(Service& service) {
  const auto secret = link_secret(service);
  return [&service, secret](http::Request& request, http::Responder& responder,
                            const http::Handler& next) -> http::Task<void> {
    if (is_signed(request)) {
      check(request, service.clock.now(), secret);
      request.context() = LinkHolder();
    }
    co_await next(request, responder);
  };
}

}  // namespace steno::api
