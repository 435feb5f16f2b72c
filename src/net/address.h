#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steno::net {

/// An IP address. IPv4 addresses use the last four of the sixteen bytes.
struct Address {
  enum class Family { v4, v6 };
  Family family = Family::v6;
  std::array<std::uint8_t, 16> bytes{};

  /// Parses the usual notation only ("127.0.0.1", "::1"; not "127.1").
  static std::optional<Address> parse(std::string_view text);
  /// None for a socket address that is not IP.
  static std::optional<Address> of(const sockaddr& socket_address);
};

/// A range of addresses: "10.0.0.0/8", "fd00::/8", or a single address.
class Network {
 public:
  /// None if the text is not a network, or if bits are set after the prefix.
  static std::optional<Network> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  Address base_;
  int prefix_ = 0;
};

/// The networks of a setting whose texts were checked before; a text that is none is left out.
std::vector<Network> parse_networks(std::span<const std::string> texts);

/// Whether one of the networks contains the address.
bool is_in(const Address& address, std::span<const Network> networks);

/// Whether the address belongs to the public internet, by IANA's special-purpose registries. False
/// for private, shared, loopback, link-local, metadata, multicast, documentation and benchmarking
/// networks and for everything that is not global unicast. False for IPv6 forms that embed an IPv4
/// address (mapped, compatible, 6to4, Teredo), except NAT64's 64:ff9b::/96 with a public address.
bool is_public(const Address& address);

/// Whether connections to `address` are permitted: it is public or in one of `allowed`. A network
/// of IPv4 also permits its addresses mapped into IPv6.
bool may_reach(const Address& address, std::span<const Network> allowed);

}  // namespace steno::net
