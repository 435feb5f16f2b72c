// The limit of concurrent requests per key, over the real server.

#include "unit/api/api_fixture.h"

namespace steno::api {
namespace {

class RequestLimit : public ApiTest {
 protected:
  /// A submission whose body does not arrive.
  std::unique_ptr<Connection> hang() {
    auto connection = std::make_unique<Connection>(address());
    connection->send("POST /api/v1/transcribe HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key_ +
                     "\r\nContent-Type: audio/wav\r\nContent-Length: 5\r\n"
                     "Expect: 100-continue\r\n\r\n");
    const auto line = [](const std::string& all) { return all.find("\r\n") != all.npos; };
    EXPECT_TRUE(connection->read_until(line).starts_with("HTTP/1.1 100"));
    return connection;
  }
};

TEST_F(RequestLimit, IsForEachKeyByItself) {
  options_.max_requests_per_key = 2;
  const auto first = hang();
  auto second = hang();
  const Reply third = get("/api/v1/jobs");
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.code(), "too_many_requests");
  EXPECT_EQ(third.header("Retry-After"), "1");
  EXPECT_EQ(get("/health").status, 200);
  const std::string key = std::exchange(key_, make_key("bob", kAllScopes));
  EXPECT_EQ(get("/api/v1/jobs").status, 200);
  key_ = key;
  second->send("audio");
  EXPECT_EQ(second->reply().status, 202);
  EXPECT_TRUE(eventually([&] { return get("/api/v1/jobs").status == 200; }));
  second = hang();
  second.reset();  // the client disconnects
  EXPECT_TRUE(eventually([&] { return get("/api/v1/jobs").status == 200; }));
}

}  // namespace
}  // namespace steno::api
