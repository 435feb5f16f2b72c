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
    const http::Problem problem =
        problem_of(service::database_error(StoreError(kind, "/secret/path is broken")));
    EXPECT_EQ(problem.status, status);
    EXPECT_EQ(problem.code, code);
    EXPECT_TRUE(problem.headers.has("Retry-After"));
    EXPECT_EQ(problem.detail.find("secret"), std::string::npos);
  }
}

TEST(Errors, OfTheBlobStoreDoNotShowItsPaths) {
  EXPECT_EQ(problem_of(service::storage_error({Errc::no_space, "/secret"})).status, 507);
  EXPECT_EQ(problem_of(service::storage_error({Errc::io, "/secret"})).status, 503);
  EXPECT_EQ(problem_of(service::storage_error({Errc::io, "/secret"})).detail.find("secret"),
            std::string::npos);
}

/// A server whose routes fail in the ways of handlers.
class FailingRoutes : public testing::Test {
 protected:
  FailingRoutes() {
    router_.use(error_answers(log_, {{"/", problem_answer}, {"/v1/", plain_text}}));
    add("/busy", [] { throw StoreError(StoreError::Kind::busy, "locked"); });
    add("/full", [] { throw RequestError(service::too_many("queue_full", "Too many jobs", 10)); });
    add("/v1/wrong",
        [] { throw RequestError(service::invalid_field("not_a_choice", "$.model", "is none")); });
    EXPECT_TRUE(server_.start());
  }
  Reply get(const std::string& path) {
    Connection connection(server_.addresses().front());
    connection.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return connection.reply();
  }

 private:
  static http::Response plain_text(const service::ServiceError& error) {
    return http::Response::text(418, error.code + " " + error.fields.at(0).path);
  }
  void add(std::string_view path, std::function<void()> fail) {
    router_.add("GET", path, [fail](http::Request&, http::Responder&) -> http::Task<void> {
      fail();
      co_return;
    });
  }

  Log log_{LogLevel::error, LogFormat::json, open("/dev/null", O_WRONLY | O_CLOEXEC)};
  http::Router router_;
  http::Server server_{router_, {{"127.0.0.1:0"}}};
};

TEST_F(FailingRoutes, AnswerWithProblems) {
  const Reply busy = get("/busy");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.code(), "database_busy");
  EXPECT_EQ(busy.header("retry-after"), "1");
  const Reply full = get("/full");
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(full.code(), "queue_full");
  EXPECT_EQ(full.header("retry-after"), "10");
  EXPECT_EQ(full.header("content-type"), "application/problem+json");
}

TEST_F(FailingRoutes, AnswerInTheShapeOfTheirGroup) {
  const Reply reply = get("/v1/wrong");
  EXPECT_EQ(reply.status, 418);
  EXPECT_EQ(reply.body, "not_a_choice $.model");
}

}  // namespace
}  // namespace steno::api
