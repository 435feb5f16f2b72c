// Raw requests that another server on the path could divide differently. Each must be refused, the
// connection closed, and no part of its body treated as a second request.

#include <gmock/gmock.h>

#include <string>

#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Shape {
  const char* name;
  std::string request;
};

constexpr const char* kSecond = "GET /items/smuggled/x HTTP/1.1\r\nHost: a\r\n\r\n";

std::string request_with(const std::string& fields, const std::string& body = "") {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

std::string chunks(const std::string& body) {
  return request_with("Transfer-Encoding: chunked\r\n", body);
}

std::vector<Shape> refused_headers() {
  return {
      {"LengthAndChunked",
       request_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"ChunkedAndLength",
       request_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
      {"TwoLengths", request_with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")},
      {"LengthPlus", request_with("Content-Length: +5\r\n", "hello")},
      {"LengthList", request_with("Content-Length: 5, 5\r\n", "hello")},
      {"LengthNegative", request_with("Content-Length: -5\r\n", "hello")},
      {"LengthHex", request_with("Content-Length: 0x5\r\n", "hello")},
      {"LengthHuge", request_with("Content-Length: 18446744073709551621\r\n", "hello")},
      {"LengthEmpty", request_with("Content-Length:\r\n", "hello")},
      {"LengthWithSpace", request_with("Content-Length: 1 0\r\n", "hello")},
      {"LengthSpaceColon", request_with("Content-Length : 5\r\n", "hello")},
      {"CodingX", request_with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
      {"CodingList", request_with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
      {"CodingGzip", request_with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
      {"CodingIdentity", request_with("Transfer-Encoding: identity\r\n", "0\r\n\r\n")},
      {"CodingTab", request_with("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n")},
      {"CodingTabBehind", request_with("Transfer-Encoding: chunked\t\r\n", "0\r\n\r\n")},
      {"CodingVerticalTab", request_with("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n")},
      {"CodingTwice",
       request_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"CodingTwoKinds",
       request_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")},
      {"CodingQuoted", request_with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")},
      {"CodingFolded", request_with("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")},
      {"CodingHttp10",
       "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"Folded", request_with("X: a\r\n Content-Length: 5\r\n", "hello")},
      {"SpaceBeforeColon", request_with("X : a\r\n")},
      {"SpaceBeforeFirst", "GET /hello HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n"},
      {"BareLf", "GET /hello HTTP/1.1\nHost: a\n\n"},
      {"BareLfInside", request_with("X: a\nTransfer-Encoding: chunked\r\n")},
      {"BareCr", request_with("X: a\rTransfer-Encoding: chunked\r\n")},
      {"Nul", request_with(std::string("X: a\0b\r\n", 8))},
      {"NulInName", request_with(std::string("X\0: a\r\n", 7))},
      {"NoHost", "GET /hello HTTP/1.1\r\n\r\n"},
      {"TwoHosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
      {"EmptyHost", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"},
      {"HostWithPath", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"AbsoluteOtherHost", "GET http://b/hello HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"ThreeSpaces", "GET /hello x HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"BadEscape", "GET /hello?a=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
  };
}

std::vector<Shape> refused_bodies() {
  return {
      {"ChunkSizeNotHex", chunks("xyz\r\nhello\r\n0\r\n\r\n")},
      {"ChunkSizeEmpty", chunks("\r\nhello\r\n0\r\n\r\n")},
      {"ChunkSizePrefix", chunks("0x5\r\nhello\r\n0\r\n\r\n")},
      {"ChunkSizePlus", chunks("+5\r\nhello\r\n0\r\n\r\n")},
      {"ChunkSizeNegative", chunks("-5\r\nhello\r\n0\r\n\r\n")},
      {"ChunkSizeSpace", chunks(" 5\r\nhello\r\n0\r\n\r\n")},
      {"ChunkSizeHuge", chunks("fffffffffffffffff\r\nhello\r\n0\r\n\r\n")},
      {"ChunkWithoutEnd", chunks("5\r\nhello0\r\n\r\n")},
      {"ChunkTooShort", chunks("6\r\nhello\r\n0\r\n\r\n")},
      {"ChunkLf", chunks("5\nhello\r\n0\r\n\r\n")},
      {"ChunkDataLf", chunks("5\r\nhello\n0\r\n\r\n")},
      {"ChunkExtensionLf", chunks("5;a\nb\r\nhello\r\n0\r\n\r\n")},
      {"ChunkExtensionLong", chunks("5;a=" + std::string(70000, 'b') + "\r\nhello\r\n0\r\n\r\n")},
      {"TrailersLong", chunks("0\r\nX: " + std::string(70000, 'b') + "\r\n\r\n")},
  };
}

class Smuggling : public ::testing::TestWithParam<Shape> {};

TEST_P(Smuggling, IsRefused) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.send(GetParam().request + kSecond);
  const std::string answers = client.read_all();
  EXPECT_THAT(answers, HasSubstr("HTTP/1.1 400 "));
  EXPECT_THAT(answers, HasSubstr("Connection: close"));
  EXPECT_THAT(answers, Not(HasSubstr("HTTP/1.1 200 ")));
  EXPECT_EQ(server.accesses(1).size(), 1U);
}

std::string name_of(const ::testing::TestParamInfo<Shape>& shape) { return shape.param.name; }

INSTANTIATE_TEST_SUITE_P(Headers, Smuggling, ::testing::ValuesIn(refused_headers()), name_of);
INSTANTIATE_TEST_SUITE_P(Bodies, Smuggling, ::testing::ValuesIn(refused_bodies()), name_of);

}  // namespace
}  // namespace steno::http
