#include "app/config/config_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "app/addresses.h"
#include "base/loopback.h"

namespace steno::app {
namespace {

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_address(const std::string& text, int family) {
  in6_addr address;  // large enough for IPv4 and IPv6
  return inet_pton(family, text.c_str(), &address) == 1;
}

std::optional<int> read_whole(std::string_view text, int most) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number >= 0 && number <= most ? std::optional(number) : std::nullopt;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A DNS name or an IPv4 address. `1.2.3` and `1.2.3.400` are neither.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    return is_address(std::string(text), AF_INET);
  }
  return is_letter_or_digit(text.front()) && std::ranges::all_of(text, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
         });
}

// The host in host:port, without the brackets of IPv6. Empty if the text does not have that form.
std::string host_of(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !read_whole(text.substr(colon + 1), 65535)) return "";
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return is_address(std::string(host), AF_INET6) ? std::string(host) : "";
  }
  return is_host(host) ? std::string(host) : "";
}

bool is_network(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  const bool is_ipv4 = is_address(address, AF_INET);
  if (!is_ipv4 && !is_address(address, AF_INET6)) return false;
  if (slash == std::string_view::npos) return true;
  return read_whole(text.substr(slash + 1), is_ipv4 ? 32 : 128).has_value();
}

// The part after http:// or https://. Empty if the text does not start with either.
std::string_view after_scheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  }
  return {};
}

bool is_authority(std::string_view text) { return is_host(text) || !host_of(text).empty(); }

bool is_web_address(std::string_view text) {
  const std::string_view rest = after_scheme(text);
  return is_authority(rest.substr(0, rest.find('/'))) && !text.ends_with('/') &&
         !has_control(text) && text.find_first_of(" ?#\"<>\\") == std::string_view::npos;
}

void check_server(const ServerSettings& server, std::vector<std::string>& found) {
  if (server.tls_certificate.empty() != server.tls_key.empty()) {
    const bool has_key = server.tls_certificate.empty();
    found.push_back(std::string(has_key ? "server.tls_key" : "server.tls_certificate") +
                    " has no effect without " +
                    (has_key ? "server.tls_certificate" : "server.tls_key"));
  }
  if (server.open_without_key != OpenWithoutKey::loopback) return;
  for (const std::string& address : server.listen) {
    if (is_loopback(address)) continue;
    found.push_back(
        "server.open_without_key = \"loopback\" is only for addresses of this machine "
        "(127.0.0.1, ::1, localhost); server.listen has " +
        address);
  }
}

}  // namespace

TextRule any_text() {
  return {"text", [](std::string_view text) { return !text.empty() && !has_control(text); }};
}

TextRule listen_address() {
  return {"host:port, such as 127.0.0.1:8080 or [::1]:8080",
          [](std::string_view text) { return !host_of(text).empty(); }};
}

TextRule network() {
  return {"a network, such as 10.0.0.0/8 or fd00::/8",
          [](std::string_view text) { return is_network(text); }};
}

TextRule web_origin() {
  return {"an origin, such as https://app.example, or *",
          [](std::string_view text) { return text == "*" || is_authority(after_scheme(text)); }};
}

TextRule web_address() {
  return {"an http or https address without a slash at the end, such as https://speech.example",
          [](std::string_view text) { return is_web_address(text); }};
}

TextRule or_empty(TextRule rule) {
  return {rule.allowed + ", or empty", [fits = std::move(rule.fits)](std::string_view text) {
            return text.empty() || fits(text);
          }};
}

bool is_loopback(std::string_view listen_address) {
  return is_loopback_host(host_of(listen_address));
}

std::vector<std::string> contradictions(const Settings& settings) {
  std::vector<std::string> found;
  std::ranges::move(complaints_about_addresses(settings), std::back_inserter(found));
  check_server(settings.server, found);
  if (settings.jobs.retry_base > settings.jobs.retry_max) {
    found.push_back("jobs.retry_base_s must not be above jobs.retry_max_s");
  }
  if (settings.jobs.lease < 3 * settings.worker.heartbeat) {
    found.push_back("jobs.lease_s must be at least three times worker.heartbeat_s");
  }
  if (settings.worker.short_reserve >= settings.worker.jobs_at_once) {
    found.push_back("worker.short_reserve must be below worker.jobs_at_once");
  }
  if (const auto good = validate(settings.worker.device); !good) {
    found.push_back("worker." + good.error().message);
  }
  return found;
}

}  // namespace steno::app
