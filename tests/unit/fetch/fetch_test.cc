#include "fetch/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <stdexcept>

#include "unit/net/http_host.h"

namespace steno::fetch {
namespace {

using net::Exchanged;
using net::Host;
using net::Network;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Text final : public Sink {
 public:
  Result<void> begin(std::optional<std::uint64_t> size) override {
    ++begun;
    announced = size;
    text.clear();
    return {};
  }
  Result<void> write(std::span<const std::byte> bytes) override {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  int begun = 0;
  std::optional<std::uint64_t> announced;
  std::string text;
};

/// Permits the test's own host, with short waits.
FetchOptions quick() {
  FetchOptions options;
  options.retry.first_wait = milliseconds(1);
  options.total_timeout = seconds(60);
  options.allow_networks = {Network::parse("127.0.0.1").value()};
  return options;
}

tl::expected<Fetched, FetchError> fetch(const std::string& url, Sink& sink,
                                        const FetchOptions& options = quick()) {
  return Fetcher(options).fetch(url, sink, {});
}

FetchError failed(const std::string& url, const FetchOptions& options = quick()) {
  Text sink;
  const auto result = fetch(url, sink, options);
  EXPECT_FALSE(result.has_value()) << url;
  return result ? FetchError{} : result.error();
}

const std::string kBody = "0123456789abcdefghij";

TEST(FetchTest, StreamsIntoTheSink) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.answer("200 OK", "Content-Type: audio/wav\r\n", kBody);
  });
  Text sink;
  const auto fetched = fetch(host.url("/a.wav"), sink);
  ASSERT_TRUE(fetched.has_value()) << fetched.error().message;
  EXPECT_EQ(fetched->bytes, kBody.size());
  EXPECT_EQ(fetched->content_type, "audio/wav");
  EXPECT_EQ(sink.text, kBody);
  EXPECT_EQ(sink.announced, kBody.size());
  EXPECT_EQ(sink.begun, 1);
}

TEST(FetchTest, TakesAnEmptyBodyToo) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", ""); });
  Text sink;
  EXPECT_EQ(fetch(host.url("/"), sink)->bytes, 0u);
  EXPECT_EQ(sink.begun, 1);
}

TEST(FetchTest, FollowsRedirects) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/there") return exchanged.answer("200 OK", "", kBody);
    exchanged.answer("302 Found", "Location: /there\r\n", "It is over there.");
  });
  Text sink;
  ASSERT_TRUE(fetch(host.url("/here?x=y"), sink).has_value());
  EXPECT_EQ(sink.text, kBody);
  EXPECT_EQ(host.connections(), 2);
}

TEST(FetchTest, FollowsNoRedirectWithoutEndOrToElsewhere) {
  const Host host([](const Exchanged& exchanged) {
    const std::string to = exchanged.target() == "/loop" ? "/loop" : "file:///etc/passwd";
    exchanged.answer("301 Moved", "Location: " + to + "\r\n", "");
  });
  EXPECT_EQ(failed(host.url("/loop")).code, "fetch_too_many_redirects");
  EXPECT_EQ(host.connections(), quick().max_redirects + 1);
  EXPECT_EQ(failed(host.url("/file")).code, "fetch_bad_url");
}

TEST(FetchTest, ReachesNoPrivateNetworkHoweverItIsSpelled) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", kBody); });
  for (const char* const name : {"127.0.0.1",
                                 "localhost",
                                 "127.1",
                                 "0x7f.1",
                                 "0x7f000001",
                                 "2130706433",
                                 "0177.0.0.1",
                                 "0",
                                 "0.0.0.0",
                                 "%31%32%37.0.0.1",
                                 "[::1]",
                                 "[::]",
                                 "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]",
                                 "[::127.0.0.1]",
                                 "[64:ff9b::7f00:1]",
                                 "169.254.169.254",
                                 "[fd00:ec2::254]",
                                 "10.0.0.1",
                                 "user:secret@127.0.0.1"}) {
    const auto error = failed("http://" + std::string(name) + ":" + host.port() + "/?token=t", {});
    EXPECT_EQ(error.code, "fetch_blocked") << name << ": " << error.message;
    EXPECT_EQ(error.kind, FailureKind::permanent);
    EXPECT_THAT(error.message, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("token"))));
  }
  EXPECT_EQ(host.connections(), 0);
}

TEST(FetchTest, ChecksTheAddressAfterEveryRedirect) {
  const Host inner([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", kBody); });
  const Host host([&](const Exchanged& exchanged) {
    // Another loopback address than the permitted one.
    exchanged.answer("302 Found", "Location: http://127.0.0.2:" + inner.port() + "/\r\n", "");
  });
  EXPECT_EQ(failed(host.url("/")).code, "fetch_blocked");
  EXPECT_EQ(host.connections(), 1);
  EXPECT_EQ(inner.connections(), 0);
}

TEST(FetchTest, AsksNoProxy) {
  const Host proxy([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", "proxy"); });
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", kBody); });
  for (const char* const name : {"http_proxy", "all_proxy"}) {
    ::setenv(name, proxy.url("").c_str(), 1);
  }
  Text sink;
  EXPECT_TRUE(fetch(host.url("/"), sink).has_value());
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  EXPECT_EQ(sink.text, kBody);
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(FetchTest, GivesThePasswordToItsOwnHostOnly) {
  std::atomic<bool> was_sent = false;
  std::atomic<bool> was_leaked = false;
  const Host other([&](const Exchanged& exchanged) {
    was_leaked = exchanged.has("Authorization") || exchanged.has("secret");
    exchanged.answer("404 Not Found", "", "");
  });
  const Host host([&](const Exchanged& exchanged) {
    was_sent = exchanged.has("Authorization: Basic dXNlcjpzZWNyZXQ=");
    exchanged.answer("302 Found", "Location: " + other.url("/x?token=t") + "\r\n", "");
  });
  const auto error = failed("http://user:secret@127.0.0.1:" + host.port() + "/?key=k");
  EXPECT_TRUE(was_sent);
  EXPECT_FALSE(was_leaked);
  EXPECT_EQ(error.code, "fetch_not_found");
  EXPECT_EQ(error.message, "127.0.0.1:" + other.port() + ": there is nothing (status 404)");
}

TEST(FetchTest, HoldsToTheLargestSize) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/says") return exchanged.answer("200 OK", "", kBody);
    if (exchanged.target() == "/chunks") {
      return exchanged.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + kBody +
                            "\r\n0\r\n\r\n");
    }
    exchanged.send("HTTP/1.0 200 OK\r\n\r\n" + kBody);
  });
  FetchOptions options = quick();
  options.max_bytes = kBody.size() - 1;
  for (const char* const path : {"/says", "/chunks", "/silent"}) {
    Text sink;
    const auto fetched = fetch(host.url(path), sink, options);
    ASSERT_FALSE(fetched.has_value()) << path;
    EXPECT_EQ(fetched.error().code, "fetch_too_large");
    EXPECT_EQ(fetched.error().kind, FailureKind::permanent);
    EXPECT_LE(sink.text.size(), options.max_bytes);
  }
  EXPECT_EQ(host.connections(), 3);
  options.max_bytes = kBody.size();
  Text sink;
  EXPECT_TRUE(fetch(host.url("/silent"), sink, options).has_value());
}

/// Cuts the first connection after half of the body. Later connections use `then`.
Host::Handler cut_first(const std::string& headers, Host::Handler then) {
  auto count = std::make_shared<std::atomic<int>>(0);
  return [=](const Exchanged& exchanged) {
    if ((*count)++ > 0) return then(exchanged);
    exchanged.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n" + headers + "\r\n" +
                   kBody.substr(0, 10));
  };
}

TEST(FetchTest, ContinuesWhereTheConnectionBroke) {
  for (const std::string validator :
       {"ETag: \"v1\"\r\n", "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"}) {
    std::atomic<bool> asked = false;
    const Host host(cut_first(validator, [&](const Exchanged& exchanged) {
      const std::string value = validator.substr(validator.find(' '));
      asked = exchanged.has("Range: bytes=10-\r\n") && exchanged.has("If-Range:" + value);
      exchanged.answer("206 Partial Content", validator + "Content-Range: bytes 10-19/20\r\n",
                       kBody.substr(10));
    }));
    Text sink;
    const auto fetched = fetch(host.url("/"), sink);
    ASSERT_TRUE(fetched.has_value()) << fetched.error().message;
    EXPECT_TRUE(asked) << validator;
    EXPECT_EQ(fetched->bytes, kBody.size());
    EXPECT_EQ(sink.text, kBody);
    EXPECT_EQ(sink.begun, 1);
  }
}

TEST(FetchTest, StartsOverWhenTheContentHasChanged) {
  const Host host(cut_first("ETag: \"v1\"\r\n", [](const Exchanged& exchanged) {
    exchanged.answer("200 OK", "ETag: \"v2\"\r\n", "new");
  }));
  Text sink;
  ASSERT_TRUE(fetch(host.url("/"), sink).has_value());
  EXPECT_EQ(sink.text, "new");
  EXPECT_EQ(sink.begun, 2);
}

TEST(FetchTest, ContinuesNothingThatIsNotKnownToBeTheSame) {
  for (const std::string header : {"", "ETag: W/\"weak\"\r\n"}) {
    std::atomic<bool> asked = false;
    const Host host(cut_first(header, [&](const Exchanged& exchanged) {
      asked = exchanged.has("Range:");
      exchanged.answer("200 OK", "", kBody);
    }));
    Text sink;
    ASSERT_TRUE(fetch(host.url("/"), sink).has_value());
    EXPECT_FALSE(asked);
    EXPECT_EQ(sink.text, kBody);
  }
}

TEST(FetchTest, TakesNoOtherPartThanItAskedFor) {
  for (const std::string lie :
       {"Content-Range: bytes 9-18/20\r\n", "Content-Range: bytes 10-19/21\r\n", "",
        "Content-Range: bytes */20\r\n", "ETag: \"v2\"\r\nContent-Range: bytes 10-19/20\r\n"}) {
    const Host host(cut_first("ETag: \"v1\"\r\n", [&](const Exchanged& exchanged) {
      if (!exchanged.has("Range:")) return exchanged.answer("200 OK", "", kBody);
      exchanged.answer("206 Partial Content", lie, "##########");
    }));
    Text sink;
    ASSERT_TRUE(fetch(host.url("/"), sink).has_value()) << lie;
    EXPECT_EQ(sink.text, kBody) << lie;
  }
}

TEST(FetchTest, AsksForAllWhenThePartIsRefused) {
  const Host host(cut_first("ETag: \"v1\"\r\n", [](const Exchanged& exchanged) {
    if (!exchanged.has("Range:")) return exchanged.answer("200 OK", "", kBody);
    exchanged.answer("416 Range Not Satisfiable", "", "");
  }));
  Text sink;
  ASSERT_TRUE(fetch(host.url("/"), sink).has_value());
  EXPECT_EQ(sink.text, kBody);
}

TEST(FetchTest, TriesAgainWhatMayPass) {
  for (const std::string status : {"503 Busy", "500 Oops", "429 Too Many Requests"}) {
    std::atomic<int> count = 0;
    const Host host([&](const Exchanged& exchanged) {
      if (count++ == 0) return exchanged.answer(status, "", "later");
      exchanged.answer("200 OK", "", kBody);
    });
    Text sink;
    ASSERT_TRUE(fetch(host.url("/"), sink).has_value()) << status;
    EXPECT_EQ(sink.text, kBody);
  }
}

TEST(FetchTest, GivesUpAfterSoManyAttempts) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("503 Busy", "", ""); });
  const auto error = failed(host.url("/secret?token=t"));
  EXPECT_EQ(error.code, "fetch_failed");
  EXPECT_EQ(error.kind, FailureKind::transient);
  EXPECT_EQ(error.message, "127.0.0.1:" + host.port() + ": status 503");
  EXPECT_EQ(host.connections(), quick().retry.attempts);
}

TEST(FetchTest, WaitsAsLongAsTheHostAsks) {
  std::atomic<int> count = 0;
  const Host host([&](const Exchanged& exchanged) {
    if (count++ % 2 == 0) return exchanged.answer("429 Slow", "Retry-After: 1\r\n", "");
    exchanged.answer("200 OK", "", kBody);
  });
  Text sink;
  const auto start = steady_clock::now();
  EXPECT_TRUE(fetch(host.url("/"), sink).has_value());
  EXPECT_GE(steady_clock::now() - start, seconds(1));
}

TEST(FetchTest, DoesNotWaitForEverBecauseTheHostAsks) {
  std::atomic<int> count = 0;
  const Host host([&](const Exchanged& exchanged) {
    if (count++ == 0) return exchanged.answer("503 Busy", "Retry-After: 36000\r\n", "");
    exchanged.answer("200 OK", "", kBody);
  });
  FetchOptions options = quick();
  options.retry.longest_retry_after = seconds(0);
  Text sink;
  EXPECT_TRUE(fetch(host.url("/"), sink, options).has_value());

  count = 0;  // the wait would exceed the time limit
  options.retry.longest_retry_after = seconds(36000);
  EXPECT_EQ(failed(host.url("/"), options).code, "fetch_failed");
}

TEST(FetchTest, DoesNotTryAgainWhatWillNotPass) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.answer(exchanged.target().substr(1) + " No", "", std::string(1 << 20, 'x'));
  });
  const std::pair<const char*, const char*> expected[] = {
      {"/404", "fetch_not_found"}, {"/410", "fetch_not_found"}, {"/401", "fetch_forbidden"},
      {"/403", "fetch_forbidden"}, {"/400", "fetch_refused"},   {"/304", "fetch_refused"}};
  for (const auto& [path, code] : expected) {
    const auto error = failed(host.url(path));
    EXPECT_EQ(error.code, code) << path;
    EXPECT_EQ(error.kind, FailureKind::permanent);
  }
  EXPECT_EQ(host.connections(), 6);
}

TEST(FetchTest, ReportsAHostThatDoesNotAnswer) {
  std::string url;
  {
    const Host host([](const Exchanged&) {});
    url = host.url("/");
    EXPECT_EQ(failed(url).code, "fetch_failed") << "closed without an answer";
  }
  const auto error = failed(url);
  EXPECT_EQ(error.code, "fetch_failed");
  EXPECT_EQ(error.kind, FailureKind::transient);
}

TEST(FetchTest, GivesUpOnAHostThatStalls) {
  const Host host([](const Exchanged& exchanged) {
    if (exchanged.target() == "/half") {
      exchanged.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234");
    }
    exchanged.hold();
  });
  FetchOptions options = quick();
  options.stall_timeout = seconds(1);
  options.retry.attempts = 1;
  EXPECT_EQ(failed(host.url("/"), options).code, "fetch_timeout");
  options = quick();
  options.total_timeout = milliseconds(200);
  const auto error = failed(host.url("/half"), options);
  EXPECT_EQ(error.code, "fetch_timeout");
  EXPECT_EQ(error.kind, FailureKind::transient);
}

TEST(FetchTest, StopsWhenAsked) {
  std::stop_source stop;
  const Host host([&](const Exchanged& exchanged) {
    exchanged.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234");
    stop.request_stop();
    exchanged.hold();
  });
  Text sink;
  const auto start = steady_clock::now();
  const auto fetched = Fetcher(quick()).fetch(host.url("/"), sink, stop.get_token());
  EXPECT_LT(steady_clock::now() - start, seconds(10));
  ASSERT_FALSE(fetched.has_value());
  EXPECT_EQ(fetched.error().code, "fetch_cancelled");
}

TEST(FetchTest, StopsWhileItWaitsForTheNextAttempt) {
  std::stop_source stop;
  const Host host([&](const Exchanged& exchanged) {
    exchanged.answer("503 Busy", "Retry-After: 50\r\n", "");
    exchanged.hold();
    stop.request_stop();
  });
  Text sink;
  const auto start = steady_clock::now();
  const auto fetched = Fetcher(quick()).fetch(host.url("/"), sink, stop.get_token());
  EXPECT_LT(steady_clock::now() - start, seconds(10));
  ASSERT_FALSE(fetched.has_value());
  EXPECT_EQ(fetched.error().code, "fetch_cancelled");
}

TEST(FetchTest, BearsHeadersWithoutEnd) {
  const Host host([](const Exchanged& exchanged) {
    exchanged.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 1000; ++i) exchanged.send("X-More: " + std::string(1000, 'x') + "\r\n");
  });
  FetchOptions options = quick();
  options.retry.attempts = 1;
  EXPECT_EQ(failed(host.url("/"), options).code, "fetch_failed");
}

/// Fails after the first bytes of every attempt.
class FullSink final : public Sink {
 public:
  explicit FullSink(Errc code) : code_(code) {}
  Result<void> begin(std::optional<std::uint64_t>) override { return {}; }
  Result<void> write(std::span<const std::byte>) override {
    if (code_ == Errc::invalid_argument) throw std::logic_error("the sink's own");
    return fail(code_, "the disk");
  }

 private:
  Errc code_;
};

TEST(FetchTest, PassesOnWhatTheSinkSays) {
  const Host host([](const Exchanged& exchanged) { exchanged.answer("200 OK", "", kBody); });
  FullSink full(Errc::no_space);
  EXPECT_EQ(fetch(host.url("/"), full).error().code, "fetch_storage_full");
  FullSink broken(Errc::io);
  EXPECT_EQ(fetch(host.url("/"), broken).error().code, "fetch_storage_failed");
  EXPECT_EQ(host.connections(), 2);
  FullSink throwing(Errc::invalid_argument);
  EXPECT_THROW((void)fetch(host.url("/"), throwing), std::logic_error);
}

TEST(FetchTest, RefusesWhatIsNoUrl) {
  for (const std::string url :
       {"", "host/a.wav", "ftp://host/a", "file:///etc/passwd", "gopher://host/", "s3://bucket/a",
        "http://", "http://host:99999/", "http://a b/", "http://a\r\nb/", "javascript:alert(1)"}) {
    EXPECT_EQ(check_url(url)->code, "fetch_bad_url") << url;
    EXPECT_EQ(failed(url).code, "fetch_bad_url") << url;
  }
  EXPECT_TRUE(check_url("http://host/" + std::string(9000, 'a')).has_value());
  EXPECT_FALSE(check_url("https://user:secret@host.example:8443/a%20b?c=d#e").has_value());
  EXPECT_EQ(loggable("https://user:secret@host/a?token=t#f"), "https://host/a");
  EXPECT_EQ(loggable("secret"), "(no URL)");
}

}  // namespace
}  // namespace steno::fetch
