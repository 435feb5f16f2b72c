// Limits for slow clients, and the stop of the server.

#include <gmock/gmock.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "http/signal.h"
#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using Ms = std::chrono::milliseconds;

constexpr const char* kHalfBody =
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf";

TEST(HttpLimits, CutAHeaderThatDoesNotEnd) {
  TestServer server;
  server.options.limits.header_timeout = Ms(50);
  server.start();
  Client half(server.address());
  half.send("GET /hello HTTP/1.1\r\nHo");
  EXPECT_EQ(half.read().status, 408);
  EXPECT_TRUE(half.is_closed());
  Client silent(server.address());
  EXPECT_TRUE(silent.is_closed());
}

TEST(HttpLimits, CutABodyThatDoesNotGoOn) {
  TestServer server;
  server.options.limits.body_idle_timeout = Ms(50);
  server.start();
  Client client(server.address());
  client.send(kHalfBody);
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpLimits, CutABodyThatComesTooSlowly) {
  TestServer server;
  server.options.limits.body_rate_grace = Ms(50);
  server.options.limits.body_bytes_per_s = 1'000'000;
  server.start();
  Client client(server.address());
  client.send(kHalfBody);
  // Bytes keep coming, each well within the idle time, until the answer is there.
  std::promise<void> answered;
  std::thread sender([&, done = answered.get_future()] {
    for (int i = 0; i < 90 && done.wait_for(Ms(20)) != std::future_status::ready; ++i) {
      client.send("x");
    }
  });
  const int status = client.read().status;
  answered.set_value();
  sender.join();
  EXPECT_EQ(status, 408);
}

TEST(HttpLimits, CloseIdleConnections) {
  TestServer server;
  server.options.limits.keep_alive_timeout = Ms(50);
  server.start();
  Client client(server.address());
  client.get("/hello");
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read_all(), "");
}

TEST(HttpLimits, CutAClientThatDoesNotReadItsAnswer) {
  TestServer server;
  server.options.limits.write_timeout = Ms(50);
  server.router.add("GET", "/large", [](Request&, Responder& responder) {
    return responder.send(Response::text(200, std::string(64 * 1024 * 1024, 'x')));
  });
  server.start();
  Client client(server.address());
  client.shrink_receive_buffer();
  client.get("/large");
  const AccessCopy access = server.accesses(1).front();
  EXPECT_EQ(access.status, 200);
  EXPECT_LT(access.sent_bytes, 64U * 1024 * 1024);
}

/// A route /wait that answers when it is released, or ends when its client disconnects.
class Waiting {
 public:
  explicit Waiting(TestServer& server) {
    server.router.add("GET", "/wait", [this](Request& request, Responder& responder) {
      return wait(request, responder);
    });
  }

  void release() { wake_.get_future().get()(); }
  bool entered() {
    return entered_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  }
  bool saw_client_go() {
    return gone_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  }

 private:
  Task<void> wait(Request&, Responder& responder) {
    Signal signal(responder.executor());
    responder.on_client_gone(signal.notifier());
    wake_.set_value(signal.notifier());
    entered_.set_value();
    co_await signal.wait();
    if (responder.client_gone()) {
      gone_.set_value();
      throw ClientGone();
    }
    co_await responder.send(Response::text(200, "released"));
  }

  std::promise<std::function<void()>> wake_;
  std::promise<void> entered_;
  std::promise<void> gone_;
};

TEST(HttpServer, NotifiesAHandlerOfADisconnectedClient) {
  TestServer server;
  Waiting waiting(server);
  server.start();
  {
    Client client(server.address());
    client.get("/wait");
    ASSERT_TRUE(waiting.entered());
  }
  EXPECT_TRUE(waiting.saw_client_go());
  EXPECT_EQ(server.accesses(1).front().status, 499);
}

TEST(HttpServer, KeepsPipelinedRequestsWhileAHandlerWatchesItsClient) {
  TestServer server;
  Waiting waiting(server);
  server.start();
  Client client(server.address());
  client.get("/wait");
  ASSERT_TRUE(waiting.entered());
  client.get("/hello");
  waiting.release();
  EXPECT_EQ(client.read().body, "released");
  EXPECT_EQ(client.read().body, "hello");
  client.get("/hello");
  EXPECT_EQ(client.read().body, "hello");
}

TEST(HttpServer, LetsRunningRequestsEndWhenItStops) {
  TestServer server;
  Waiting waiting(server);
  server.start();
  Client idle(server.address());
  idle.get("/hello");
  idle.read();
  Client busy(server.address());
  busy.get("/wait");
  ASSERT_TRUE(waiting.entered());
  const std::string address = server.address();
  auto stopped = std::async(std::launch::async, [&] { server.stop(std::chrono::seconds(20)); });
  EXPECT_TRUE(idle.is_closed());
  EXPECT_THROW(Client late(address), std::runtime_error);
  waiting.release();
  const Answer answer = busy.read();
  EXPECT_EQ(answer.body, "released");
  EXPECT_EQ(answer.header("Connection"), "close");
  stopped.get();
  EXPECT_EQ(server.server->connections(), 0U);
}

TEST(HttpServer, CutsRequestsThatDoNotEndInTheGracePeriod) {
  TestServer server;
  Waiting waiting(server);
  server.start();
  Client client(server.address());
  client.get("/wait");
  ASSERT_TRUE(waiting.entered());
  server.stop(Ms(10));
  EXPECT_TRUE(waiting.saw_client_go());
  EXPECT_EQ(client.read_all(), "");
}

TEST(HttpServer, NotifiesWaitingHandlersOfTheStop) {
  TestServer server;
  std::promise<void> waits;
  const Handler wait = [&waits](Request&, Responder& responder) -> Task<void> {
    Signal signal(responder.executor());
    responder.on_stop(signal.notifier());
    waits.set_value();
    while (!responder.stopping()) co_await signal.wait();
    Response response = Response::text(200, "stopped");
    co_await responder.send(std::move(response));
  };
  server.router.add("GET", "/wait", wait);
  server.start();
  Client client(server.address());
  client.get("/wait");
  waits.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  server.stop(std::chrono::minutes(1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_EQ(client.read().body, "stopped");
}

TEST(HttpServer, StopsTwiceAndWithoutAStart) {
  TestServer server;
  Server never_started(server.router, server.options);
  never_started.stop(Ms(0));
  EXPECT_FALSE(never_started.start().has_value());
  server.start();
  server.stop();
  server.stop();
}

TEST(Offload, GivesBackResultsAndExceptions) {
  TestServer server;
  BlockingPool pool(1);
  server.router.add("GET", "/offload",
                    [&pool](Request& request, Responder& responder) -> Task<void> {
                      const bool bad = request.query().get("bad").has_value();
                      const auto io_thread = std::this_thread::get_id();
                      const auto work = [bad, io_thread]() -> std::string {
                        if (bad) throw ProblemError({409, "conflict", "thrown on the pool"});
                        return std::this_thread::get_id() == io_thread ? "same" : "other";
                      };
                      std::string text = co_await offload(pool, work);
                      if (std::this_thread::get_id() != io_thread) text += " and not back";
                      co_await responder.send(Response::text(200, std::move(text)));
                    });
  server.start();
  Client client(server.address());
  client.get("/offload");
  EXPECT_EQ(client.read().body, "other");
  client.get("/offload?bad");
  EXPECT_EQ(client.read().status, 409);
}

}  // namespace
}  // namespace steno::http
