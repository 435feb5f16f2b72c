#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace steno::net {

/// An IP address. IPv4 ones are held as the last four of the sixteen bytes.
struct Address {
  enum class Family { v4, v6 };
  Family family = Family::v6;
  std::array<std::uint8_t, 16> bytes{};

  /// Reads the usual spelling and no other ("127.0.0.1", "::1"; not "127.1").
  static std::optional<Address> parse(std::string_view text);
  /// Nothing for a socket that is not of IP.
  static std::optional<Address> of(const sockaddr& socket_address);
};

/// A range of addresses: "10.0.0.0/8", "fd00::/8", or one address alone.
class Network {
 public:
  /// Nothing if it is not one, or if bits are set past the prefix.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  Address base_;
  int prefix_ = 0;
};

/// Whether the address belongs to the public internet, by IANA's special-purpose registries. False
/// for private, shared, loopback, link-local, metadata, multicast, documentation and benchmarking
/// networks, for whatever is not global unicast, and for IPv6 forms that embed an IPv4 address
/// (mapped, compatible, 6to4, Teredo), but NAT64's 64:ff9b::/96 when what it embeds is public.
bool is_public(const Address& address);

/// Whether `address` may be connected to: it is public or in one of `allowed`. An IPv4 address
/// that is mapped into IPv6 is also allowed by a network of IPv4.
bool may_reach(const Address& address, std::span<const Network> allowed);

}  // namespace steno::net
