#include "http/event_stream.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <thread>

#include "domain/event.h"
#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Event, IsEncodedLineByLine) {
  EXPECT_EQ(*encode({"7", "progress", "{}"}), "id: 7\nevent: progress\ndata: {}\n\n");
  EXPECT_EQ(*encode({.data = "a\nb\r\nc\rd"}), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(*encode({}), "data: \n\n");
  EXPECT_THROW(encode({.id = "a\nb"}), std::invalid_argument);
  EXPECT_THROW(encode({.event = "a\rb"}), std::invalid_argument);
  EXPECT_THROW(encode({.id = std::string("a\0b", 3)}), std::invalid_argument);
}

/// A route /events whose streams the test can access.
class Events : public ::testing::Test {
 protected:
  ~Events() override { server_.stop(); }

  void start() {
    server_.router.add("GET", "/events", [this](Request& request, Responder& responder) {
      return serve(request, responder);
    });
    server_.start();
  }

  Task<void> serve(Request& request, Responder& responder) {
    const auto stream = co_await responder.open_events();
    const auto first = encode({.data = std::string(request.header("Last-Event-ID").value_or("-"))});
    co_await stream->write(first);
    keep(stream);
    co_await stream->serve();
    const std::lock_guard lock(mutex_);
    ++served_;
    changed_.notify_all();
  }

  void keep(const std::shared_ptr<EventStream>& stream) {
    const std::lock_guard lock(mutex_);
    streams_.push_back(stream);
    changed_.notify_all();
  }

  std::shared_ptr<EventStream> stream() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !streams_.empty(); });
    return streams_.at(0);
  }

  bool wait_for_served() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return served_ == 1; });
  }

  TestServer server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<EventStream>> streams_;
  int served_ = 0;
};

TEST_F(Events, AreSentFromAnotherThread) {
  start();
  Client client(server_.address());
  client.get("/events", "Last-Event-ID: 41\r\n");
  EXPECT_THAT(client.read_until("data: 41\n\n"), HasSubstr("Content-Type: text/event-stream"));
  stream()->send({"42", "segment", "hello"});
  EXPECT_THAT(client.read_until("\n\n"), HasSubstr("id: 42\nevent: segment\ndata: hello\n\n"));
  for (int i = 0; i < 1000; ++i) stream()->send({.data = std::to_string(i)});
  const std::string all = client.read_until("data: 999\n\n");
  std::size_t at = 0;  // each after the previous one, in the same chunk or the next
  for (int i = 0; i < 1000 && at != all.npos; ++i) {
    at = all.find("data: " + std::to_string(i) + "\n\n", at);
    EXPECT_NE(at, all.npos) << i;
  }
  stream()->close();
  EXPECT_THAT(client.read_until("0\r\n\r\n"), HasSubstr("\r\n0\r\n\r\n"));
  EXPECT_TRUE(wait_for_served());
  client.get("/hello");
  EXPECT_EQ(client.read().body, "hello");
}

TEST_F(Events, EndWhenTheClientGoesAway) {
  start();
  {
    Client client(server_.address());
    client.get("/events");
    client.read_until("data: -\n\n");
  }
  EXPECT_TRUE(wait_for_served());
  EXPECT_TRUE(stream()->ended());
  stream()->send({.data = "nobody"});
  EXPECT_EQ(server_.accesses(1).front().status, 200);
}

TEST_F(Events, StayOpenByComments) {
  server_.options.limits.event_keep_alive = std::chrono::milliseconds(10);
  start();
  Client client(server_.address());
  client.get("/events");
  EXPECT_THAT(client.read_until(": keep-alive\n\n"), HasSubstr(": keep-alive"));
  EXPECT_THAT(client.read_until(": keep-alive\n\n"), HasSubstr(": keep-alive"));
}

TEST_F(Events, AreCutForAClientThatDoesNotRead) {
  start();
  Client client(server_.address());
  client.shrink_receive_buffer();
  client.get("/events");
  const EncodedEvent event = encode({.data = std::string(64 * 1024, 'x')});
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!stream()->ended() && std::chrono::steady_clock::now() < deadline) {
    stream()->send(event);
    std::this_thread::yield();
  }
  EXPECT_TRUE(stream()->ended());
  EXPECT_TRUE(wait_for_served());
}

TEST_F(Events, EndWhenTheServerStops) {
  start();
  Client client(server_.address());
  client.get("/events");
  client.read_until("data: -\n\n");
  const auto open = stream();
  server_.stop(std::chrono::seconds(10));
  EXPECT_THAT(client.read_all(), HasSubstr("0\r\n\r\n"));
  EXPECT_TRUE(open->ended());
  open->send({.data = "too late"});
}

TEST_F(Events, HaveNoBodyForHead) {
  start();
  Client client(server_.address());
  client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read("HEAD").header("Content-Type"), "text/event-stream");
  EXPECT_EQ(client.read().body, "hello");
}

}  // namespace
}  // namespace steno::http
