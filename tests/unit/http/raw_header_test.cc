#include "http/raw_header.h"

#include <gtest/gtest.h>

#include <string>

namespace steno::http {
namespace {

int status_of(const std::string& header) {
  const auto problem = check_raw_header(header);
  return problem ? problem->status : 200;
}

std::string with(const std::string& fields) {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

TEST(RawHeader, LetsSoundOnesThrough) {
  for (const std::string& header :
       {std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), std::string("GET / HTTP/1.0\r\n\r\n"),
        std::string("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
        std::string("GET http://a:1/x?y HTTP/1.1\r\nHost: A:1\r\n\r\n"),
        with("Content-Length: 5\r\n"), with("Content-Length:  5 \r\n"),
        with("Transfer-Encoding: chunked\r\n"), with("transfer-encoding: Chunked\r\n"),
        with("X:\r\n"), with("X: a\tb\xff\r\n")}) {
    EXPECT_EQ(status_of(header), 200) << header;
  }
}

TEST(RawHeader, RefusesBrokenLines) {
  for (const std::string& header : {std::string("\r\n\r\n"),
                                    std::string("GET /\r\nHost: a\r\n\r\n"),
                                    std::string("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET / x HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET / http/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
                                    std::string("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET /#f HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET x HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    std::string("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
                                    with("no colon\r\n"),
                                    with("X : a\r\n"),
                                    with(": a\r\n"),
                                    with("X: a\r\n b\r\n"),
                                    with("X: a\rb\r\n"),
                                    with(std::string("X: a\0b\r\n", 8)),
                                    with("X\t: a\r\n"),
                                    with("X: \x7f\r\n")}) {
    EXPECT_EQ(status_of(header), 400) << header;
  }
}

TEST(RawHeader, KnowsItsVersions) {
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/11.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RawHeader, FindsTheEnd) {
  using State = HeaderEnd::State;
  EXPECT_EQ(find_header_end("").state, State::incomplete);
  EXPECT_EQ(find_header_end("GET / HTTP/1.1\r\nA: b\r\n\r").state, State::incomplete);
  const HeaderEnd end = find_header_end("A: b\r\n\r\nbody\n");
  EXPECT_EQ(end.state, State::complete);
  EXPECT_EQ(end.size, 8U);
  EXPECT_EQ(find_header_end("GET / HTTP/1.1\nHost: a\r\n").state, State::malformed);
  EXPECT_EQ(find_header_end("A: b\r\n\nX").state, State::malformed);
  EXPECT_EQ(find_header_end("\n").state, State::malformed);
}

}  // namespace
}  // namespace steno::http
