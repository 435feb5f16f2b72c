#include "api/core/errors.h"

#include <fcntl.h>

#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

TEST(Errors, OfTheDatabaseSayWhetherItIsWorthAnotherTry) {
  const std::tuple<StoreError::Kind, int, const char*> cases[] = {
      {StoreError::Kind::busy, 503, "database_busy"},
      {StoreError::Kind::other, 503, "database_unavailable"},
      {StoreError::Kind::no_space, 507, "insufficient_storage"}};
  for (const auto& [kind, status, code] : cases) {
    const http::Problem problem = problem_of(StoreError(kind, "/secret/path is broken"));
    EXPECT_EQ(problem.status, status);
    EXPECT_EQ(problem.code, code);
    EXPECT_TRUE(problem.headers.has("Retry-After"));
    EXPECT_EQ(problem.detail.find("secret"), std::string::npos);
  }
}

TEST(Errors, OfTheBlobStoreDoNotShowItsPaths) {
  EXPECT_EQ(problem_of_storage({Errc::no_space, "/secret"}).status, 507);
  EXPECT_EQ(problem_of_storage({Errc::io, "/secret"}).status, 503);
  EXPECT_EQ(problem_of_storage({Errc::io, "/secret"}).detail.find("secret"), std::string::npos);
}

TEST(Errors, ThatAHandlerLetsPassBecomeAnswers) {
  Log log(LogLevel::error, LogFormat::json, open("/dev/null", O_WRONLY | O_CLOEXEC));
  http::Router router;
  router.use(database_errors(log));
  router.add("GET", "/", [](http::Request&, http::Responder&) -> http::Task<void> {
    throw StoreError(StoreError::Kind::busy, "locked");
    co_return;
  });
  http::Server server(router, {{"127.0.0.1:0"}});
  ASSERT_TRUE(server.start());
  Connection connection(server.addresses().front());
  connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Reply reply = connection.reply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.code(), "database_busy");
  EXPECT_EQ(reply.header("Retry-After"), "1");
}

}  // namespace
}  // namespace steno::api
