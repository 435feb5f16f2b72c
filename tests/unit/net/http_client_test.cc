#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "unit/net/http_host.h"

namespace steno::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::Not;
using Networks = HttpClientOptions::Networks;

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  return request;
}

/// Up to five attempts, nearly without pauses.
HttpRequest patient(const std::string& url) {
  HttpRequest request = get(url);
  request.retry = {.attempts = 5, .first_wait = milliseconds(1)};
  return request;
}

HttpFailure failed(const HttpResult& result) {
  EXPECT_FALSE(result.has_value());
  return result ? HttpFailure::body : result.error().kind;
}

/// A request body from memory.
class Text final : public BodySource {
 public:
  explicit Text(std::string text, bool knows_size = true, bool can_rewind = true)
      : text_(std::move(text)), knows_size_(knows_size), can_rewind_(can_rewind) {}

  std::optional<std::uint64_t> size() const override {
    return knows_size_ ? std::optional<std::uint64_t>(text_.size()) : std::nullopt;
  }
  Result<std::size_t> read(std::span<char> into, const std::stop_token&) override {
    const auto count = std::min(into.size(), text_.size() - at_);
    std::memcpy(into.data(), text_.data() + at_, count);
    at_ += count;
    return count;
  }
  bool rewind() override {
    if (can_rewind_) at_ = 0;
    return can_rewind_;
  }

 private:
  std::string text_;
  bool knows_size_;
  bool can_rewind_;
  std::size_t at_ = 0;
};

// Requests and responses.

TEST(HttpClientTest, GetsAResponse) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.answer("200 OK", "Content-Type: text/plain\r\nX-Twice: a\r\nx-twice: b\r\n", "hello");
  });
  auto request = get(host.url("/path?query"));
  request.headers = {{"Accept", "text/plain"}, {"X-Empty", ""}};
  request.range = ByteRange{3, 7};
  const auto response = HttpClient().send(request);
  ASSERT_TRUE(response.has_value()) << response.error().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->length, 5U);
  EXPECT_EQ(response->header("content-type"), "text/plain");
  EXPECT_EQ(response->header("x-twice"), "a, b");
  EXPECT_EQ(response->url, host.url("/path?query"));
}

TEST(HttpClientTest, SendsMethodHeadersRangeAndToken) {
  std::mutex mutex;
  std::string seen;
  const Host host([&](const Exchanged& exchanged) {
    const std::lock_guard lock(mutex);
    seen = exchanged.request();
    exchanged.answer("204 No Content", "", "");
  });
  auto request = get(host.url("/path?query"));
  request.method = "DELETE";
  request.headers = {{"Accept", "text/plain"}, {"X-Empty", ""}};
  request.range = ByteRange{3, 7};
  request.bearer_token = "secret";
  ASSERT_TRUE(HttpClient().send(request).has_value());
  const std::lock_guard lock(mutex);
  EXPECT_THAT(seen, ::testing::StartsWith("DELETE /path?query HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAccept: text/plain\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nX-Empty:\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nRange: bytes=3-7\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nAuthorization: Bearer secret\r\n"));
  EXPECT_THAT(seen, HasSubstr("\r\nUser-Agent: steno/"));
}

TEST(HttpClientTest, SendsBodies) {
  std::mutex mutex;
  std::string head;
  std::string body;
  const Host host([&](const Exchanged& exchanged) {
    const std::lock_guard lock(mutex);
    head = exchanged.request();
    body = exchanged.body();
    exchanged.answer("200 OK", "", "");
  });
  const HttpClient client;
  const std::string content(3 << 20, 'c');
  const auto sent = [&](HttpRequest request) {
    const auto result = client.send(request);
    EXPECT_TRUE(result.has_value()) << result.error().message();
  };

  HttpRequest plain{.method = "POST", .url = host.url("/"), .body = "a\0b"};
  plain.body = std::string("a\0b", 3);
  sent(plain);
  EXPECT_EQ(body, plain.body);
  EXPECT_THAT(head, Not(HasSubstr("Content-Type")));
  plain.body.clear();
  sent(plain);
  EXPECT_THAT(head, HasSubstr("Content-Length: 0"));

  for (const bool knows_size : {true, false}) {
    Text source(content, knows_size);
    HttpRequest streamed{.method = "PUT", .url = host.url("/"), .source = &source};
    sent(streamed);
    EXPECT_THAT(head, ::testing::StartsWith("PUT / "));
    EXPECT_TRUE(body == content);
    EXPECT_THAT(head, HasSubstr(knows_size ? "Content-Length: 3145728" : "chunked"));
  }

  Text file(content);
  HttpRequest form{.method = "POST", .url = host.url("/")};
  form.form = {{.name = "field", .value = "value"},
               {.name = "file", .source = &file, .file_name = "a.wav", .content_type = "audio/x"}};
  sent(form);
  EXPECT_THAT(head, HasSubstr("Content-Type: multipart/form-data; boundary="));
  EXPECT_THAT(body, HasSubstr("name=\"field\"\r\n\r\nvalue\r\n"));
  EXPECT_THAT(body, HasSubstr("name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/x\r\n"));
  EXPECT_THAT(body, HasSubstr(content));
}

TEST(HttpClientTest, ReportsTheErrorOfASource) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", ""); });
  struct Broken final : BodySource {
    std::optional<std::uint64_t> size() const override { return 10; }
    Result<std::size_t> read(std::span<char>, const std::stop_token&) override {
      return fail(Errc::io, "the file");
    }
    bool rewind() override { return true; }
  } source;
  HttpRequest request{.method = "PUT", .url = host.url("/"), .source = &source};
  const auto result = HttpClient().send(request);
  ASSERT_EQ(failed(result), HttpFailure::body);
  EXPECT_EQ(result.error().as_error().code, Errc::io);
  EXPECT_EQ(result.error().as_error().message, "the file");
}

TEST(HttpClientTest, StreamsASuccessfulBodyIntoTheSink) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.answer(exchanged.target() == "/ok" ? "206 Partial Content" : "404 Not Found", "",
                     std::string(1 << 20, 'x'));
  });
  const HttpClient client;
  std::string taken;
  const BodySink sink = [&](const HttpResponse& head, std::span<const std::byte> bytes) {
    EXPECT_EQ(head.status, 206);
    taken.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Result<void>();
  };
  EXPECT_EQ(client.send(get(host.url("/ok")), sink, {})->body, "");
  EXPECT_EQ(taken.size(), std::size_t{1} << 20);
  const auto missing = client.send(get(host.url("/none")), sink, {});
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->body.size(), std::size_t{64} << 10) << "an error's body is cut";
  EXPECT_EQ(taken.size(), std::size_t{1} << 20);
}

TEST(HttpClientTest, EndsWithTheErrorOrExceptionOfTheSink) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", "body"); });
  const HttpClient client;
  const auto full = client.send(get(host.url("/")),
                                [](const HttpResponse&, std::span<const std::byte>) {
                                  return Result<void>(fail(Errc::no_space, "full"));
                                },
                                {});
  ASSERT_EQ(failed(full), HttpFailure::body);
  EXPECT_EQ(full.error().cause->code, Errc::no_space);
  const BodySink thrower = [](const HttpResponse&, std::span<const std::byte>) -> Result<void> {
    throw std::logic_error("own");
  };
  EXPECT_THROW((void)client.send(get(host.url("/")), thrower, {}), std::logic_error);
  EXPECT_TRUE(client.send(get(host.url("/"))).has_value()) << "the client is still usable";
}

// Connections.

TEST(HttpClientTest, ReusesConnections) {
  const Host host([](const Exchanged& exchanged) { exchanged.keep("200 OK", "", "x"); });
  const Host other([](const Exchanged& exchanged) { exchanged.keep("200 OK", "", "x"); });
  const HttpClient client;
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(client.send(get(host.url("/"))).has_value());
    EXPECT_TRUE(client.send(get(other.url("/"))).has_value());
  }
  EXPECT_EQ(host.requests(), 10);
  EXPECT_EQ(host.connections(), 1);
  EXPECT_EQ(other.connections(), 1);
}

TEST(HttpClientTest, ReusesAConnectionAfterAnErrorStatusAndARedirect) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/a") return exchanged.keep("302 Found", "Location: /b\r\n", "go");
    exchanged.keep("404 Not Found", "", "nothing");
  });
  const HttpClient client;
  auto request = get(host.url("/a"));
  request.redirects.max = 1;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send(request)->status, 404);
  EXPECT_EQ(host.requests(), 6);
  EXPECT_EQ(host.connections(), 1);
}

TEST(HttpClientTest, ThreadsShareAClient) {
  constexpr int kThreads = 8;
  constexpr int kRequests = 25;
  const Host host([](const Exchanged& exchanged) { exchanged.keep("200 OK", "", "x"); });
  const HttpClient client;
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kRequests; ++n) good += client.send(get(host.url("/"))).has_value();
      });
    }
  }
  EXPECT_EQ(good, kThreads * kRequests);
  EXPECT_LE(host.connections(), kThreads);
}

TEST(HttpClientTest, KeepsNoMoreIdleConnectionsThanAllowed) {
  const Host host([](const Exchanged& exchanged) { exchanged.keep("200 OK", "", "x"); });
  const HttpClient client({.idle_connections = 0});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.send(get(host.url("/"))).has_value());
  EXPECT_EQ(host.connections(), 3);
}

TEST(HttpClientTest, ConnectsAgainWhenTheHostHasClosedAKeptConnection) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");  // then closes, unannounced
  });
  const HttpClient client;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.send(get(host.url("/"))).has_value());
  EXPECT_EQ(host.connections(), 3);
}

TEST(HttpClientTest, SaysWhenNothingListens) {
  std::string url;
  {
    const Host host([](const Exchanged&) {});
    url = host.url("/secret?token=t");
    const auto closed = HttpClient().send(get(url));
    EXPECT_EQ(failed(closed), HttpFailure::broken) << "closed without a response";
  }
  const auto result = HttpClient().send(get(url));
  EXPECT_EQ(failed(result), HttpFailure::unreachable);
  EXPECT_THAT(result.error().message(), Not(HasSubstr("token")));
  EXPECT_EQ(result.error().as_error().code, Errc::unavailable);
}

// Limits.

TEST(HttpClientTest, LimitsTheBody) {
  const std::string body(1000, 'b');
  const Host host([&](const Exchanged& exchanged) {
    if (exchanged.target() == "/says") return exchanged.answer("200 OK", "", body);
    exchanged.send("HTTP/1.0 200 OK\r\n\r\n" + body);
  });
  const HttpClient client;
  for (const char* const path : {"/says", "/silent"}) {
    auto request = get(host.url(path));
    request.max_body = 999;
    EXPECT_EQ(failed(client.send(request)), HttpFailure::too_large);
    std::size_t taken = 0;
    const BodySink sink = [&](const HttpResponse&, std::span<const std::byte> bytes) {
      taken += bytes.size();
      return Result<void>();
    };
    EXPECT_EQ(failed(client.send(request, sink, {})), HttpFailure::too_large);
    EXPECT_LE(taken, 999U);
    request.max_body = 1000;
    EXPECT_EQ(client.send(request)->body, body);
  }
}

std::string gzipped(const std::string& text) {
  std::string packed(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

TEST(HttpClientTest, AGzipBombIsBounded) {
  const std::string bomb = gzipped(std::string(16 << 20, '\0'));
  ASSERT_LT(bomb.size(), std::size_t{100} << 10);
  const Host host([&](const Exchanged& exchanged) {
    exchanged.answer("200 OK", "Content-Encoding: gzip\r\n", bomb);
  });
  auto request = get(host.url("/"));
  request.accepts_compressed = true;
  request.max_body = 1 << 20;
  std::size_t taken = 0;
  const BodySink sink = [&](const HttpResponse&, std::span<const std::byte> bytes) {
    taken += bytes.size();
    return Result<void>();
  };
  EXPECT_EQ(failed(HttpClient().send(request, sink, {})), HttpFailure::too_large);
  EXPECT_LE(taken, std::size_t{1} << 20);
  request.max_body = 16 << 20;
  taken = 0;
  EXPECT_TRUE(HttpClient().send(request, sink, {}).has_value());
  EXPECT_EQ(taken, std::size_t{16} << 20);
  request.accepts_compressed = false;
  EXPECT_TRUE(HttpClient().send(request)->body == bomb) << "nobody asked for compression";
}

TEST(HttpClientTest, LimitsTheHeaders) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1000; ++i) exchanged.send("X-More: " + std::string(1000, 'x') + "\r\n");
  });
  EXPECT_EQ(failed(HttpClient().send(get(host.url("/")))), HttpFailure::broken);
}

TEST(HttpClientTest, LimitsTheTimes) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/drips") {
      exchanged.send("HTTP/1.1 200 OK\r\n\r\n");
      for (int i = 0; i < 60; ++i) {
        exchanged.send("x");
        std::this_thread::sleep_for(milliseconds(20));
      }
    }
    exchanged.hold();
  });
  const HttpClient client;
  const auto took = [&](const HttpRequest& request) {
    const auto start = steady_clock::now();
    EXPECT_EQ(failed(client.send(request)), HttpFailure::timeout);
    return steady_clock::now() - start;
  };
  auto idle = get(host.url("/silent"));
  idle.times.idle = milliseconds(300);
  EXPECT_LT(took(idle), seconds(3));
  auto total = get(host.url("/drips"));
  total.times = {.idle = milliseconds(2000), .total = milliseconds(400)};
  EXPECT_GE(took(total), milliseconds(400)) << "each byte is within the idle limit";
  EXPECT_LT(took(total), seconds(3));
}

// Retries.

TEST(HttpClientTest, RetriesWhatIsTransient) {
  for (const std::string status : {"408 Slow", "429 Many", "500 Oops", "503 Busy", ""}) {
    std::atomic<int> count = 0;
    const Host host([&](const Exchanged& exchanged) {
      if (count++ < 2) {
        if (!status.empty()) exchanged.answer(status, "", "later");
        return;  // else closes the connection
      }
      exchanged.answer("200 OK", "", exchanged.body());
    });
    Text source("again");
    auto request = patient(host.url("/"));
    request.method = "PUT";
    request.source = &source;
    std::vector<std::string> reasons;
    request.on_retry = [&](const std::string& why) { reasons.push_back(why); };
    const auto response = HttpClient().send(request);
    ASSERT_TRUE(response.has_value()) << status;
    EXPECT_EQ(response->body, "again") << "the source starts at its first byte";
    ASSERT_EQ(reasons.size(), 2U);
    if (!status.empty()) {
      EXPECT_EQ(reasons[0], "status " + status.substr(0, 3));
    }
  }
}

TEST(HttpClientTest, DoesNotRetryWhatStays) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.answer(exchanged.target().substr(1) + " No", "", "");
  });
  for (const char* const path : {"/400", "/401", "/404", "/501"}) {
    EXPECT_TRUE(HttpClient().send(patient(host.url(path))).has_value());
  }
  EXPECT_EQ(host.connections(), 4);
  EXPECT_EQ(HttpClient().send(get(host.url("/503")))->status, 503) << "one attempt by default";
  EXPECT_EQ(host.connections(), 5);
}

TEST(HttpClientTest, GivesUpAfterTheLastAttempt) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("503 Busy", "", ""); });
  EXPECT_EQ(HttpClient().send(patient(host.url("/")))->status, 503);
  EXPECT_EQ(host.connections(), 5);
}

TEST(HttpClientTest, RetriesNothingThatCannotBeRepeated) {
  std::atomic<bool> cuts = false;
  const Host host([&](const Exchanged& exchanged) {
    if (!cuts) return exchanged.answer("503 Busy", "", "");
    exchanged.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf");
  });
  Text once("x", true, /*can_rewind=*/false);
  auto request = patient(host.url("/"));
  request.method = "PUT";
  request.source = &once;
  EXPECT_EQ(HttpClient().send(request)->status, 503);
  EXPECT_EQ(host.connections(), 1);

  cuts = true;
  std::size_t taken = 0;
  const BodySink sink = [&](const HttpResponse&, std::span<const std::byte> bytes) {
    taken += bytes.size();
    return Result<void>();
  };
  EXPECT_EQ(failed(HttpClient().send(patient(host.url("/")), sink, {})), HttpFailure::broken);
  EXPECT_EQ(host.connections(), 2);
  EXPECT_EQ(taken, 4U) << "the sink gets no byte twice";
}

TEST(HttpClientTest, WaitsAsLongAsTheHostAsks) {
  std::atomic<int> count = 0;
  const Host host([&](const Exchanged& exchanged) {
    if (count++ == 0) return exchanged.answer("429 Slow", "Retry-After: 1\r\n", "");
    exchanged.answer("200 OK", "", "");
  });
  const auto start = steady_clock::now();
  EXPECT_EQ(HttpClient().send(patient(host.url("/")))->status, 200);
  EXPECT_GE(steady_clock::now() - start, seconds(1));

  count = 0;  // the wait would be longer than the request may take
  auto request = patient(host.url("/"));
  request.times.total = milliseconds(500);
  const auto again = steady_clock::now();
  EXPECT_EQ(HttpClient().send(request)->status, 429);
  EXPECT_LT(steady_clock::now() - again, milliseconds(500));
}

TEST(HttpClientTest, TheRetryBudgetLimitsAllRequestsTogether) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("503 Busy", "", ""); });
  const HttpClient client({.retry_budget = {.per_request = 0, .reserve = 3}});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.send(patient(host.url("/")))->status, 503);
  EXPECT_EQ(host.connections(), 10 + 3);
}

TEST(HttpClientTest, TheCallerDecidesWhatIsRetried) {
  std::atomic<int> count = 0;
  const Host host([&](const Exchanged& exchanged) {
    exchanged.answer(count++ == 0 ? "409 Conflict" : "503 Busy", "", "");
  });
  auto request = patient(host.url("/"));
  request.may_retry = [](const HttpResult& result) { return result && result->status == 409; };
  EXPECT_EQ(HttpClient().send(request)->status, 503);
  EXPECT_EQ(host.connections(), 2);
}

// Stops.

TEST(HttpClientTest, AStopEndsEveryPhaseWithinASecond) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/body") {
      exchanged.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234");
    }
    if (exchanged.target() == "/pause") {
      return exchanged.answer("503 Busy", "Retry-After: 50\r\n", "");
    }
    exchanged.hold();
  });
  for (const char* const path : {"/head", "/body", "/pause"}) {
    std::stop_source stop;
    steady_clock::time_point stopped;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(milliseconds(200));
      stopped = steady_clock::now();
      stop.request_stop();
    });
    const auto result = HttpClient().send(patient(host.url(path)), stop.get_token());
    const auto ended = steady_clock::now();
    stopper.join();
    EXPECT_EQ(failed(result), HttpFailure::cancelled) << path;
    EXPECT_LT(ended - stopped, seconds(1)) << path;
  }
}

TEST(HttpClientTest, ARequestThatIsSentMayStillGetItsResponse) {
  std::latch has_come(1);
  std::latch may_go(1);
  const Host host([&](const Exchanged& exchanged) {
    has_come.count_down();
    may_go.wait();
    exchanged.answer("200 OK", "", "done");
  });
  std::stop_source stop;
  HttpRequest request{.method = "POST", .url = host.url("/"), .body = "x"};
  request.cancel_grace = seconds(30);
  const std::jthread stopper([&] {
    has_come.wait();
    stop.request_stop();
    std::this_thread::sleep_for(milliseconds(150));
    may_go.count_down();
  });
  const auto response = HttpClient().send(request, stop.get_token());
  ASSERT_TRUE(response.has_value()) << response.error().message();
  EXPECT_EQ(response->body, "done");
}

// Redirects.

TEST(HttpClientTest, FollowsNoRedirectUnasked) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.answer("302 Found", "Location: /there\r\n", "");
  });
  const auto response = HttpClient().send(get(host.url("/here")));
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->redirect, host.url("/there"));
  auto request = get(host.url("/here"));
  request.redirects = {
      .max = 5, .follows = [](const HttpResponse& redirect) { return redirect.redirect.empty(); }};
  EXPECT_EQ(HttpClient().send(request)->status, 302);
  EXPECT_EQ(host.connections(), 2);
}

TEST(HttpClientTest, FollowsRedirectsUpToALimit) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/file") {
      return exchanged.answer("301 Moved", "Location: file:///etc/passwd\r\n", "");
    }
    const int hop = std::stoi(exchanged.target().substr(1));
    if (hop == 3) return exchanged.answer("200 OK", "", "here");
    exchanged.answer("302 Found", "Location: /" + std::to_string(hop + 1) + "\r\n", "");
  });
  auto request = get(host.url("/0"));
  request.redirects.max = 3;
  const auto response = HttpClient().send(request);
  ASSERT_TRUE(response.has_value()) << response.error().message();
  EXPECT_EQ(response->body, "here");
  EXPECT_EQ(response->url, host.url("/3"));
  request.redirects.max = 2;
  EXPECT_EQ(failed(HttpClient().send(request)), HttpFailure::too_many_redirects);
  request.url = host.url("/file");
  EXPECT_EQ(failed(HttpClient().send(request)), HttpFailure::bad_url);
}

TEST(HttpClientTest, GivesCredentialsToTheirOwnOriginOnly) {
  std::atomic<int> with = 0;
  std::atomic<int> without = 0;
  const auto count = [&](const Exchanged& exchanged) {
    const bool has = exchanged.has("secret") || exchanged.has("Authorization");
    ++(has ? with : without);
    EXPECT_TRUE(exchanged.has("X-Plain: kept"));
  };
  const Host other([&](const Exchanged& exchanged) {
    count(exchanged);
    exchanged.answer("200 OK", "", "");
  });
  const Host host([&](const Exchanged& exchanged) {
    count(exchanged);
    const auto to = exchanged.target() == "/first" ? std::string("/second") : other.url("/");
    exchanged.answer("302 Found", "Location: " + to + "\r\n", "");
  });
  auto request = get(host.url("/first"));
  request.redirects.max = 3;
  request.bearer_token = "secret";
  request.headers = {{"X-Plain", "kept"}, {"Cookie", "secret"}};
  EXPECT_EQ(HttpClient().send(request)->status, 200);
  EXPECT_EQ(with, 2);
  EXPECT_EQ(without, 1);
}

TEST(HttpClientTest, ARedirectedPostKeepsItsBodyOrBecomesAGet) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/end") {
      return exchanged.answer("200 OK", "", exchanged.method() + " " + exchanged.body());
    }
    exchanged.answer(exchanged.target().substr(1) + " Moved", "Location: /end\r\n", "");
  });
  for (const std::string status : {"301", "302", "303", "307", "308"}) {
    Text source("body");
    HttpRequest request{.method = "POST", .url = host.url("/" + status), .source = &source};
    request.redirects.max = 1;
    EXPECT_EQ(HttpClient().send(request)->body, status < "304" ? "GET " : "POST body") << status;
  }
}

// Private networks.

TEST(HttpClientTest, ReachesNoPrivateNetworkIfItMustNot) {
  const Host host([](const Exchanged& exchanged) { exchanged.keep("200 OK", "", ""); });
  const HttpClient guarded({.networks = Networks::public_only});
  for (const char* const name : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]",
                                 "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"}) {
    const auto result = guarded.send(patient("http://" + std::string(name) + ":" + host.port()));
    EXPECT_EQ(failed(result), HttpFailure::blocked) << name;
    EXPECT_EQ(result.error().as_error().code, Errc::invalid_argument);
  }
  EXPECT_EQ(host.connections(), 0);
  const HttpClient open(
      {.networks = Networks::public_only, .allow_networks = {Network::parse("127.0.0.1").value()}});
  EXPECT_TRUE(open.send(get(host.url("/"))).has_value());
}

TEST(HttpClientTest, ChecksTheAddressAfterARedirect) {
  const Host inner([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", ""); });
  const Host host([&](const Exchanged& exchanged) {
    exchanged.answer("302 Found", "Location: http://127.0.0.2:" + inner.port() + "/\r\n", "");
  });
  const HttpClient client(
      {.networks = Networks::public_only, .allow_networks = {Network::parse("127.0.0.1").value()}});
  auto request = get(host.url("/"));
  request.redirects.max = 3;
  EXPECT_EQ(failed(client.send(request)), HttpFailure::blocked);
  EXPECT_EQ(inner.connections(), 0);
}

TEST(HttpClientTest, ConnectsToTheCheckedAddressWhateverTheNameSays) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", "in"); });
  const auto resolved = [&](const std::string& addresses) {
    HttpClientOptions options{.networks = Networks::public_only,
                              .allow_networks = {Network::parse("127.0.0.1").value()}};
    options.known_hosts = {"audio.example.com:" + host.port() + ":" + addresses};
    return HttpClient(options).send(get("http://audio.example.com:" + host.port() + "/"));
  };
  // The name looks public; its address decides.
  EXPECT_EQ(failed(resolved("127.0.0.3")), HttpFailure::blocked);
  EXPECT_EQ(failed(resolved("[::1],127.0.0.3")), HttpFailure::blocked);
  EXPECT_EQ(host.connections(), 0);
  // Of several addresses only the allowed one is connected to.
  EXPECT_TRUE(resolved("127.0.0.3,127.0.0.1").has_value());
  EXPECT_EQ(host.connections(), 1);
}

TEST(HttpClientTest, AProxyIsUsedOnlyIfAllNetworksMayBeReached) {
  const Host proxy([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", "proxy"); });
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", "host"); });
  ::setenv("http_proxy", proxy.url("").c_str(), 1);
  const auto open = HttpClient().send(get(host.url("/")));
  const HttpClient client(
      {.networks = Networks::public_only, .allow_networks = {Network::parse("127.0.0.1").value()}});
  const auto guarded = client.send(get(host.url("/")));
  ::unsetenv("http_proxy");
  EXPECT_EQ(open->body, "proxy");
  EXPECT_EQ(guarded->body, "host");
}

TEST(HttpClientTest, RefusesWhatIsNoUrl) {
  for (const std::string url : {"", "host/a", "ftp://host/a", "file:///etc/passwd", "http://",
                                "http://host:99999/", "http://a b/", "http://a\r\nb/"}) {
    EXPECT_EQ(failed(HttpClient().send(patient(url))), HttpFailure::bad_url) << url;
  }
}

}  // namespace
}  // namespace steno::net
