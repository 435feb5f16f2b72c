#include "api/access/origin.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "api/core/errors.h"
#include "base/loopback.h"

namespace steno::api {
namespace {

/// Converts "https://speech.example/steno" to "https://speech.example".
std::string_view origin_of(std::string_view url) {
  const auto authority = url.find("://");
  return authority == url.npos ? url : url.substr(0, url.find('/', authority + 3));
}

/// Converts "localhost:8080" to "localhost", and "[::1]:8080" to "::1".
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_own_host(std::string_view host, std::string_view public_origin) {
  if (is_loopback_host(name_of(host))) return true;
  const auto authority = public_origin.find("://");
  return authority != public_origin.npos &&
         http::equal_ignoring_case(host, public_origin.substr(authority + 3));
}

RequestError refused(std::string_view code, std::string_view detail) {
  return RequestError({service::ErrorKind::forbidden, std::string(code), std::string(detail)});
}

}  // namespace

void check_local(const http::Request& request, const ApiOptions& options) {
  const std::string& host = request.host();
  const auto public_origin = origin_of(options.public_url);
  if (!is_own_host(host, public_origin)) {
    throw refused("foreign_host",
                  "Without a key the service is asked as localhost, by a loopback address, or by "
                  "its server.public_url");
  }
  const auto origin = request.header("Origin");
  if (!origin) return;
  const std::string same = (request.secure() ? "https://" : "http://") + host;
  if (http::equal_ignoring_case(*origin, same)) return;
  if (!public_origin.empty() && http::equal_ignoring_case(*origin, public_origin)) return;
  const auto allowed = [&](const std::string& each) { return each == "*" || each == *origin; };
  if (std::ranges::any_of(options.cors_origins, allowed)) return;
  throw refused("foreign_origin",
                "Without a key, web pages may call only from the service's own address and from "
                "server.cors_origins");
}

}  // namespace steno::api
