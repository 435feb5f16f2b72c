#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

namespace steno::net {
namespace {

constexpr int kBits = 128;
constexpr int kEmbeddedAt = 96;  ///< bits before an embedded IPv4 address

/// https://www.iana.org/assignments/iana-ipv4-special-registry, multicast and reserved space, and
/// Azure's metadata host, whose address is in public space.
const std::vector<Network>& special_v4() {
  static const auto networks = [] {
    std::vector<Network> list;
    for (const char* const text :
         {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
          "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
          "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
          "168.63.129.16"}) {
      list.push_back(Network::parse(text).value());
    }
    return list;
  }();
  return networks;
}

/// The special networks inside 2000::/3, which contains all global unicast addresses:
/// https://www.iana.org/assignments/iana-ipv6-special-registry. 2001::/23 contains Teredo, ORCHID
/// and benchmarking, 2002::/16 is 6to4, the others are documentation.
const std::vector<Network>& special_v6() {
  static const std::vector<Network> networks = {
      Network::parse("2001::/23").value(), Network::parse("2001:db8::/32").value(),
      Network::parse("2002::/16").value(), Network::parse("3fff::/20").value()};
  return networks;
}

const Network& global_unicast() {
  static const Network network = Network::parse("2000::/3").value();
  return network;
}

const Network& nat64() {
  static const Network network = Network::parse("64:ff9b::/96").value();
  return network;
}

const Network& mapped() {
  static const Network network = Network::parse("::ffff:0:0/96").value();
  return network;
}

Address embedded_v4(const Address& address) {
  Address v4{Address::Family::v4, {}};
  std::copy(address.bytes.begin() + kEmbeddedAt / 8, address.bytes.end(),
            v4.bytes.begin() + kEmbeddedAt / 8);
  return v4;
}

/// Whether bit `index`, counted from the highest, is set.
bool bit(const Address& address, int index) {
  return (address.bytes[static_cast<std::size_t>(index) / 8] >> (7 - index % 8) & 1) != 0;
}

/// The prefix length in bits of the sixteen bytes. None if it is not a number in range.
std::optional<int> parse_prefix(std::string_view text, Address::Family family) {
  const int before = family == Address::Family::v4 ? kEmbeddedAt : 0;
  int length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (length < 0 || length > kBits - before) return std::nullopt;
  return before + length;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) return address;
  address = {Family::v4, {}};
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data() + kEmbeddedAt / 8) == 1) {
    return address;
  }
  return std::nullopt;
}

std::optional<Address> Address::of(const sockaddr& socket_address) {
  Address address;
  if (socket_address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &socket_address, sizeof(v6));
    std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    return address;
  }
  if (socket_address.sa_family != AF_INET) return std::nullopt;
  sockaddr_in v4;
  std::memcpy(&v4, &socket_address, sizeof(v4));
  address.family = Family::v4;
  std::memcpy(address.bytes.data() + kEmbeddedAt / 8, &v4.sin_addr, sizeof(v4.sin_addr));
  return address;
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = Address::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  Network network;
  network.base_ = *base;
  network.prefix_ = kBits;
  if (slash != std::string_view::npos) {
    const auto prefix = parse_prefix(text.substr(slash + 1), base->family);
    if (!prefix) return std::nullopt;
    network.prefix_ = *prefix;
  }
  for (int i = network.prefix_; i < kBits; ++i) {
    if (bit(*base, i)) return std::nullopt;
  }
  return network;
}

bool Network::contains(const Address& address) const {
  if (address.family != base_.family) return false;
  for (int i = 0; i < prefix_; ++i) {
    if (bit(address, i) != bit(base_, i)) return false;
  }
  return true;
}

std::vector<Network> parse_networks(std::span<const std::string> texts) {
  std::vector<Network> networks;
  for (const std::string& text : texts) {
    if (const auto network = Network::parse(text)) networks.push_back(*network);
  }
  return networks;
}

bool is_in(const Address& address, std::span<const Network> networks) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.contains(address); });
}

bool is_public(const Address& address) {
  if (address.family == Address::Family::v4) return !is_in(address, special_v4());
  if (nat64().contains(address)) return is_public(embedded_v4(address));
  return global_unicast().contains(address) && !is_in(address, special_v6());
}

bool may_reach(const Address& address, std::span<const Network> allowed) {
  return is_public(address) || is_in(address, allowed) ||
         (mapped().contains(address) && is_in(embedded_v4(address), allowed));
}

}  // namespace steno::net
