#include "http/forwarded.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace steno::http {
namespace {

constexpr std::size_t kLongestHost = 255;
constexpr std::size_t kLongestPrefix = 200;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Removes the last of the values between commas, and returns it.
std::string_view take_last(std::string_view& list) {
  const auto comma = list.rfind(',');
  const auto last = trimmed(list.substr(comma == list.npos ? 0 : comma + 1));
  list = comma == list.npos ? std::string_view() : list.substr(0, comma);
  return last;
}

/// "192.0.2.1", "192.0.2.1:1234", "[2001:db8::1]:1234" or "2001:db8::1" without brackets and port.
/// Empty if the text is no address.
std::string address_in(std::string_view text) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  std::string address(text);
  in6_addr bytes{};
  const bool is_address = inet_pton(AF_INET, address.c_str(), &bytes) == 1 ||
                          inet_pton(AF_INET6, address.c_str(), &bytes) == 1;
  return is_address ? address : "";
}

std::string client_behind(std::string_view forwarded_for, std::string proxy,
                          const TrustProxy& is_trusted) {
  while (!forwarded_for.empty() && is_trusted(proxy)) {
    std::string next = address_in(take_last(forwarded_for));
    if (next.empty()) break;
    proxy = std::move(next);
  }
  return proxy;
}

bool is_forwarded_host(std::string_view text) {
  return !text.empty() && text.size() <= kLongestHost && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
}

bool is_prefix(std::string_view text) {
  return text.starts_with('/') && !text.starts_with("//") && text.size() <= kLongestPrefix &&
         text.find("..") == text.npos && std::ranges::all_of(text, [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  std::string_view("/.-_~").find(c) != std::string_view::npos;
         });
}

}  // namespace

void apply_forwarded(RequestHead& head, const TrustProxy& is_trusted) {
  if (!is_trusted || !is_trusted(head.remote_address)) return;
  const auto last_of = [&](std::string_view name) {
    std::string_view list = head.headers.get(name).value_or("");
    return take_last(list);
  };
  head.remote_address = client_behind(head.headers.get("X-Forwarded-For").value_or(""),
                                      std::move(head.remote_address), is_trusted);
  const auto scheme = last_of("X-Forwarded-Proto");
  if (equal_ignoring_case(scheme, "https")) head.secure = true;
  if (equal_ignoring_case(scheme, "http")) head.secure = false;
  if (const auto host = last_of("X-Forwarded-Host"); is_forwarded_host(host)) head.host = host;
  if (auto prefix = last_of("X-Forwarded-Prefix"); is_prefix(prefix)) {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    head.prefix = prefix;
  }
}

}  // namespace steno::http
