#include "net/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <vector>

namespace steno::net {
namespace {

Address address(const char* text) { return Address::parse(text).value(); }

TEST(AddressTest, KnowsThePublicInternet) {
  for (const char* const text :
       {"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "172.15.255.255", "172.32.0.0", "192.0.1.0", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:200::1", "3ffe::1",
        "64:ff9b::8.8.8.8"}) {
    EXPECT_TRUE(is_public(address(text))) << text;
  }
}

TEST(AddressTest, KnowsWhatIsNot) {
  for (const char* const text :
       {"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "169.254.169.254", "169.254.170.2", "172.16.0.1",
        "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255", "168.63.129.16",
        // IPv6: unspecified, loopback, compatible, mapped, NAT64 of private, local NAT64, discard.
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "100::1",
        // Teredo, benchmarking, ORCHID, documentation, 6to4.
        "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
        "2002:7f00:1::1", "2002:808:808::1", "3fff::1",
        // Segment routing, unique local, link-local, site-local, multicast.
        "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1",
        "ff02::1", "ffff::1"}) {
    EXPECT_FALSE(is_public(address(text))) << text;
  }
}

TEST(AddressTest, ReachesWhatIsAllowedToo) {
  const std::vector<Network> allowed = {Network::parse("10.1.0.0/16").value(),
                                        Network::parse("fd12::/16").value()};
  EXPECT_TRUE(may_reach(address("8.8.8.8"), allowed));
  EXPECT_TRUE(may_reach(address("10.1.2.3"), allowed));
  EXPECT_TRUE(may_reach(address("::ffff:10.1.2.3"), allowed)) << "the same host";
  EXPECT_TRUE(may_reach(address("fd12:3::4"), allowed));
  EXPECT_FALSE(may_reach(address("10.2.0.0"), allowed));
  EXPECT_FALSE(may_reach(address("::10.1.2.3"), allowed));
  EXPECT_FALSE(may_reach(address("::ffff:10.2.0.0"), allowed));
  EXPECT_FALSE(may_reach(address("fd13::1"), allowed));
  EXPECT_FALSE(may_reach(address("127.0.0.1"), {}));
}

TEST(AddressTest, ReadsNetworks) {
  EXPECT_TRUE(Network::parse("0.0.0.0/0")->contains(address("1.2.3.4")));
  EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains(address("::1")));
  EXPECT_TRUE(Network::parse("::/0")->contains(address("::1")));
  EXPECT_TRUE(Network::parse("127.0.0.1")->contains(address("127.0.0.1")));
  EXPECT_FALSE(Network::parse("127.0.0.1/32")->contains(address("127.0.0.2")));
  EXPECT_TRUE(Network::parse("10.0.0.0/9")->contains(address("10.127.255.255")));
  EXPECT_FALSE(Network::parse("10.0.0.0/9")->contains(address("10.128.0.0")));
  for (const char* const text : {"", "/", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
                                 "10.0.0.0/8x", "10.0.0.1/8", "10.0.0.0/8/8", "::/129", "fd00::1/8",
                                 "localhost", "127.1", "0x7f.0.0.1", " 10.0.0.0/8", "fe80::1%lo"}) {
    EXPECT_FALSE(Network::parse(text).has_value()) << text;
  }
}

TEST(AddressTest, IsReadFromASocketsAddress) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto four = Address::of(reinterpret_cast<const sockaddr&>(v4));
  EXPECT_EQ(four->bytes, address("127.0.0.1").bytes);
  EXPECT_EQ(four->family, Address::Family::v4);

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  const auto six = Address::of(reinterpret_cast<const sockaddr&>(v6));
  EXPECT_EQ(six->bytes, address("::1").bytes);
  EXPECT_EQ(six->family, Address::Family::v6);

  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  EXPECT_FALSE(Address::of(reinterpret_cast<const sockaddr&>(local)).has_value());
}

}  // namespace
}  // namespace steno::net
