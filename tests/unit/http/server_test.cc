#include "http/server.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(more) + "\r\n" + std::string(body);
}

std::string code_of(const Answer& answer) {
  return nlohmann::json::parse(answer.body).value("code", "");
}

TEST(HttpServer, AnswersOneRequestAfterAnother) {
  TestServer server;
  server.start();
  Client client(server.address());
  for (int i = 0; i < 3; ++i) {
    client.get("/hello");
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("Connection"), "");
    EXPECT_THAT(answer.header("Date"), HasSubstr(" GMT"));
  }
  EXPECT_EQ(server.server->connections(), 1U);
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.send(post("/echo", "one") + post("/ignore", "skipped") + post("/echo", "three") +
              "GET /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.read().body, "one");
  EXPECT_EQ(client.read().body, "ignored");
  EXPECT_EQ(client.read().body, "three");
  EXPECT_EQ(client.read().body, "hello");
}

TEST(HttpServer, ReadsAHeaderThatComesByteByByte) {
  TestServer server;
  server.start();
  Client client(server.address());
  for (const char c : post("/echo", "slowly but surely")) client.send(std::string(1, c));
  EXPECT_EQ(client.read().body, "slowly but surely");
}

TEST(HttpServer, ReadsChunksWithExtensionsAndTrailers) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\n1\r\n,\r\nA\r\n 0123456 8\r\n0\r\nX-Trailer: yes\r\n\r\n");
  EXPECT_EQ(client.read().body, "hello, 0123456 8");
  client.get("/hello");
  EXPECT_EQ(client.read().body, "hello");
}

TEST(HttpServer, StreamsALargeBody) {
  TestServer server;
  server.start();
  Client client(server.address());
  const std::string body(32 * 1024 * 1024, 'x');
  client.send(post("/count", body));
  EXPECT_EQ(client.read().body, std::to_string(body.size()));
  EXPECT_EQ(server.accesses(1).front().received_bytes, body.size());
}

TEST(HttpServer, RefusesABodyThatIsTooLarge) {
  TestServer server;
  server.start();
  const std::string body(1024 * 1024 + 1, 'x');
  Client whole(server.address());
  whole.send(post("/echo", body));
  Answer answer = whole.read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(code_of(answer), "body_too_large");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(whole.is_closed());

  Client chunked(server.address());
  chunked.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
               body + "\r\n0\r\n\r\n");
  answer = chunked.read();
  EXPECT_EQ(answer.status, 413);
}

TEST(HttpServer, RefusesLongHeaders) {
  TestServer server;
  server.start();
  Client target(server.address());
  target.get("/" + std::string(20000, 'a'));
  EXPECT_EQ(target.read().status, 414);
  EXPECT_TRUE(target.is_closed());
  Client field(server.address());
  field.get("/hello", "X-Long: " + std::string(20000, 'a') + "\r\n");
  EXPECT_EQ(field.read().status, 431);
  EXPECT_TRUE(field.is_closed());
}

TEST(HttpServer, ContinuesWhenTheClientWaitsForIt) {
  TestServer server;
  server.start();
  Client client(server.address());
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
  client.send(head);
  EXPECT_EQ(client.read().status, 100);
  client.send("hello");
  EXPECT_EQ(client.read().body, "hello");

  Client refused(server.address());
  refused.send(
      "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9999999\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(refused.read().status, 413);
  EXPECT_TRUE(refused.is_closed());
}

TEST(HttpServer, RefusesOtherExpectations) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.get("/hello", "Expect: miracles\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 417);
  EXPECT_EQ(code_of(answer), "expectation_failed");
}

TEST(HttpServer, ClosesWhenAskedTo) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.get("/hello", "Connection: close\r\n");
  EXPECT_EQ(client.read().header("Connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, SpeaksHttp10) {
  TestServer server;
  server.start();
  Client once(server.address());
  once.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.read().body, "hello");
  EXPECT_TRUE(once.is_closed());
  Client kept(server.address());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const Answer answer = kept.read();
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("Connection"), "keep-alive");
  }
}

TEST(HttpServer, RefusesOtherVersions) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.send("GET /hello HTTP/2.0\r\nHost: test\r\n\r\n");
  EXPECT_EQ(client.read().status, 505);
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, ServesHeadWithoutABody) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  const Answer answer = client.read("HEAD");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "5");
  client.get("/hello");
  EXPECT_THAT(client.read().head, StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, ReportsAHandlersExceptionToTheLogOnly) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.get("/throws", "X-Request-Id: mine\r\n");
  const Answer answer = client.read();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(code_of(answer), "internal_error");
  EXPECT_THAT(answer.body, Not(HasSubstr("secret")));
  EXPECT_THAT(server.errors(), Contains("mine: the secret is 42"));
  client.get("/hello");
  EXPECT_EQ(client.read().status, 200);
}

TEST(HttpServer, KeepsASaneRequestId) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.get("/hello", "X-Request-Id: abc-123\r\n");
  EXPECT_EQ(client.read().header("X-Request-Id"), "abc-123");
  client.get("/hello", "X-Request-Id: two words\r\n");
  const std::string own = client.read().header("X-Request-Id");
  EXPECT_THAT(own, AllOf(Not(IsEmpty()), Not(HasSubstr("words"))));
  client.get("/hello", "X-Request-Id: " + std::string(129, 'x') + "\r\n");
  EXPECT_NE(client.read().header("X-Request-Id"), own);
}

TEST(HttpServer, ReportsEachRequest) {
  TestServer server;
  server.start();
  Client client(server.address());
  client.get("/items/7/x?key=1", "X-Request-Id: id-7\r\n");
  const Answer answer = client.read();
  const AccessCopy access = server.accesses(1).front();
  EXPECT_EQ(access.method, "GET");
  EXPECT_EQ(access.path, "/items/7/x");
  EXPECT_EQ(access.route, "/items/{id}/x");
  EXPECT_EQ(access.request_id, "id-7");
  EXPECT_EQ(access.remote_address, "127.0.0.1");
  EXPECT_EQ(access.status, 200);
  EXPECT_EQ(access.sent_bytes, answer.head.size() + answer.body.size());
  EXPECT_GE(access.seconds, 0);
}

TEST(HttpServer, ReportsAClientThatDisconnectsDuringABody) {
  TestServer server;
  server.start();
  {
    Client client(server.address());
    client.send("POST /count HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf");
  }
  EXPECT_EQ(server.accesses(1).front().status, 499);
}

TEST(HttpServer, SaysWhenThereAreTooManyConnections) {
  TestServer server;
  server.options.limits.connections = 1;
  server.start();
  Client first(server.address());
  first.get("/hello");
  EXPECT_EQ(first.read().status, 200);
  Client second(server.address());
  const Answer answer = second.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code_of(answer), "too_many_connections");
  EXPECT_TRUE(second.is_closed());
}

TEST(HttpServer, ListensOnSeveralAddresses) {
  TestServer server;
  server.options.listen = {"127.0.0.1:0", "127.0.0.1:0"};
  server.options.threads = 2;
  server.start();
  ASSERT_EQ(server.server->addresses().size(), 2U);
  for (const std::string& address : server.server->addresses()) {
    Client client(address);
    client.get("/hello");
    EXPECT_EQ(client.read().status, 200);
  }
}

TEST(HttpServer, SaysWhyItCannotListen) {
  TestServer first;
  first.start();
  const auto start = [&](const std::string& address) {
    Server server(first.router, {.listen = {address}});
    return server.start();
  };
  EXPECT_EQ(start(first.address()).error().code, Errc::unavailable);
  EXPECT_EQ(start("nonsense").error().code, Errc::invalid_argument);
  EXPECT_EQ(start("127.0.0.1:99999").error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace steno::http
