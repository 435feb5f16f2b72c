#include "http/router.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Handler say(const std::string& text) {
  return
      [text](Request&, Responder& responder) { return responder.send(Response::text(200, text)); };
}

Answer ask(TestServer& server, const std::string& method, const std::string& path,
           const std::string& more = "") {
  Client client(server.address());
  client.send(method + " " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n");
  return client.read(method);
}

TEST(Router, TakesTheClosestPattern) {
  TestServer server;
  server.router.add("GET", "/jobs/{id}", say("parameter"));
  server.router.add("GET", "/jobs/latest", say("literal"));
  server.router.add("DELETE", "/jobs/{name}", say("deleted"));
  server.start();
  EXPECT_EQ(ask(server, "GET", "/jobs/7").body, "parameter");
  EXPECT_EQ(ask(server, "GET", "/jobs/latest").body, "literal");
  EXPECT_EQ(ask(server, "DELETE", "/jobs/7").body, "deleted");
  EXPECT_EQ(ask(server, "GET", "/jobs/").status, 404);
  EXPECT_EQ(ask(server, "GET", "/jobs/7/x").status, 404);
  EXPECT_EQ(ask(server, "GET", "/Jobs/7").status, 404);
}

TEST(Router, DecodesParameters) {
  TestServer server;
  server.start();
  EXPECT_EQ(ask(server, "GET", "/items/a%2Fb%20c/x").body, "a/b c");
  EXPECT_EQ(ask(server, "GET", "/items/%zz/x").status, 400);
}

TEST(Router, SaysWhatAPathTakes) {
  TestServer server;
  server.start();
  const Answer refused = ask(server, "POST", "/hello");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_THAT(refused.body, HasSubstr("method_not_allowed"));
  const Answer options = ask(server, "OPTIONS", "/echo");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(ask(server, "OPTIONS", "*").status, 204);
  EXPECT_EQ(ask(server, "OPTIONS", "/nothing").status, 404);
  EXPECT_EQ(ask(server, "BREW", "/hello").status, 405);
}

TEST(Router, RefusesBadPatterns) {
  Router router;
  router.add("GET", "/a/{b}", say(""));
  for (const char* bad : {"a", "/a/{}", "/a/{b", "/a/x{b}", "/a/{b}{c}", "/a/{other}"}) {
    EXPECT_THROW(router.add("GET", bad, say("")), std::invalid_argument) << bad;
  }
}

Task<void> count_calls(std::vector<std::string>& calls, const std::string& name, Request& request,
                       Responder& responder, const Handler& next) {
  calls.push_back(name + " before " + (request.route() ? request.route()->options.tag : "none"));
  responder.headers().add("X-Seen-By", name);
  try {
    co_await next(request, responder);
  } catch (const ProblemError&) {
    calls.push_back(name + " caught");
    throw;
  }
  calls.push_back(name + " after");
}

Middleware recorder(std::vector<std::string>& calls, const std::string& name) {
  return [&calls, name](Request& request, Responder& responder, const Handler& next) {
    return count_calls(calls, name, request, responder, next);
  };
}

TEST(Router, RunsMiddlewaresInTheirOrder) {
  TestServer server;
  std::vector<std::string> calls;
  server.router.use(recorder(calls, "one"));
  server.router.use(recorder(calls, "two"));
  server.router.add("GET", "/tagged", say("x"), {.tag = "scope"});
  server.start();
  ask(server, "GET", "/tagged");
  server.accesses(1);
  EXPECT_THAT(calls, ElementsAre("one before scope", "two before scope", "two after", "one after"));
  calls.clear();
  EXPECT_EQ(ask(server, "GET", "/none").header("X-Seen-By"), "one");
  server.accesses(2);
  EXPECT_THAT(calls, ElementsAre("one before none", "two before none", "two caught", "one caught"));
}

Task<void> require_key(Request& request, Responder& responder, const Handler& next) {
  if (request.header("X-API-Key") != "secret") {
    Problem problem{401, "unauthorized", "a key is needed"};
    problem.headers.set("WWW-Authenticate", "Bearer");
    throw ProblemError(std::move(problem));
  }
  request.context() = std::string("owner");
  co_await next(request, responder);
}

Task<void> who(Request& request, Responder& responder) {
  co_await responder.send(Response::text(200, std::any_cast<std::string>(request.context())));
}

TEST(Router, LetsAMiddlewareAnswerInPlaceOfTheHandler) {
  TestServer server;
  server.router.use(require_key);
  server.router.add("GET", "/who", who);
  server.start();
  const Answer refused = ask(server, "GET", "/who");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(ask(server, "GET", "/who", "X-API-Key: secret\r\n").body, "owner");
}

TEST(Cors, AnswersOriginsThatAreAllowed) {
  TestServer server;
  server.router.use(cors({.origins = {"https://app.example"}}));
  server.start();
  const std::string own = "Origin: https://app.example\r\n";
  const Answer preflight =
      ask(server, "OPTIONS", "/echo", own + "Access-Control-Request-Method: POST\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(preflight.header("Access-Control-Allow-Methods"), "GET, POST, DELETE");
  const Answer error = ask(server, "GET", "/nothing", own);
  EXPECT_EQ(error.status, 404);
  EXPECT_EQ(error.header("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(error.header("Vary"), "Origin");
  const Answer other = ask(server, "GET", "/hello", "Origin: https://evil.example\r\n");
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(other.body, "hello");
}

}  // namespace
}  // namespace steno::http
