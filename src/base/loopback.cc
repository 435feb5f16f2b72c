#include "base/loopback.h"

#include <arpa/inet.h>
#include <strings.h>

#include <string>

namespace steno {

bool is_loopback_host(std::string_view host) {
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return false;  // a NUL would end the C string
  if (strcasecmp(text.c_str(), "localhost") == 0) return true;
  in_addr ipv4;
  if (inet_pton(AF_INET, text.c_str(), &ipv4) == 1) return ntohl(ipv4.s_addr) >> 24 == 127;
  in6_addr ipv6;
  return inet_pton(AF_INET6, text.c_str(), &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
}

}  // namespace steno
