#include "http/response.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <deque>
#include <latch>
#include <stdexcept>

#include "http/fit.h"
#include "http/static_content.h"
#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::HasSubstr;

std::string gunzip(const std::string& compressed, std::size_t size) {
  std::string out(size, '\0');
  z_stream stream = {};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

std::string long_text(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += "line " + std::to_string(i) + " of a text\n";
  return text;
}

/// A file of one test, removed afterwards.
/// Content that is read in pieces, such as a recording.
class StoredContent final : public ByteSource {
 public:
  explicit StoredContent(std::string content) : content_(std::move(content)) {}
  std::uint64_t size() const override { return content_.size(); }
  std::size_t read(std::uint64_t offset, std::span<char> into) override {
    return content_.copy(into.data(), into.size(), offset);
  }

 private:
  const std::string content_;
};

std::shared_ptr<ByteSource> stored(std::string content) {
  return std::make_shared<StoredContent>(std::move(content));
}

Task<void> send_in_pieces(Request&, Responder& responder) {
  co_await responder.begin(Response::text(200, "one,"));
  co_await responder.write("two,");
  co_await responder.write("");
  co_await responder.write("three");
  co_await responder.finish();
}

Task<void> break_off(Request&, Responder& responder) {
  co_await responder.begin(Response::text(200, "half"));
  throw std::runtime_error("broken");
}

/// A file on a disk that hangs until it is released.
class HangingFile final : public ByteSource {
 public:
  std::uint64_t size() const override { return 4; }
  std::size_t read(std::uint64_t, std::span<char> into) override {
    released_.wait();
    std::ranges::fill(into, 'h');
    return into.size();
  }
  void release() { released_.count_down(); }

 private:
  std::latch released_{1};
};

class Responses : public ::testing::Test {
 protected:
  Responses() : file_(stored(std::string(200'000, 'f') + "tail")), text_(long_text(4000)) {
    server_.router.add("GET", "/page", static_content("text/html; charset=utf-8", text_));
    server_.router.add("GET", "/short", static_content("text/plain", "short"));
    server_.router.add("GET", "/file", [this](Request&, Responder& responder) {
      return responder.send(Response::of("audio/wav", file_).with("ETag", etag("v1")));
    });
    server_.router.add("GET", "/pieces", send_in_pieces);
    server_.router.add("GET", "/breaks", break_off);
    server_.start();
  }

  Answer get(const std::string& path, const std::string& more = "") {
    Client client(server_.address());
    client.get(path, more);
    return client.read();
  }

  std::shared_ptr<ByteSource> file_;
  std::string text_;
  TestServer server_;
};

TEST_F(Responses, AnswerNotModifiedForAKnownTag) {
  const Answer first = get("/short");
  EXPECT_EQ(first.body, "short");
  const std::string tag = first.header("ETag");
  const Answer same = get("/short", "If-None-Match: \"other\", W/" + tag + "\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), tag);
  EXPECT_EQ(same.header("Content-Length"), "");
  EXPECT_EQ(get("/short", "If-None-Match: *\r\n").status, 304);
  EXPECT_EQ(get("/short", "If-None-Match: \"other\"\r\n").status, 200);
}

TEST_F(Responses, SendFilesWholeAndInParts) {
  const Answer whole = get("/file");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body.size(), 200'004U);
  EXPECT_EQ(whole.header("Accept-Ranges"), "bytes");
  const Answer part = get("/file", "Range: bytes=199999-200001\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "fta");
  EXPECT_EQ(part.header("Content-Range"), "bytes 199999-200001/200004");
  EXPECT_EQ(get("/file", "Range: bytes=-4\r\n").body, "tail");
  EXPECT_EQ(get("/file", "Range: bytes=200000-\r\n").body, "tail");
  EXPECT_EQ(get("/file", "Range: bytes=200000-999999999\r\n").body, "tail");
  EXPECT_EQ(get("/file", "Range: bytes=-999999999\r\n").body.size(), 200'004U);
  const Answer behind = get("/file", "Range: bytes=200004-\r\n");
  EXPECT_EQ(behind.status, 416);
  EXPECT_EQ(behind.header("Content-Range"), "bytes */200004");
  EXPECT_EQ(get("/file", "Range: bytes=-0\r\n").status, 416);
}

TEST(Downloads, GoOnBesideReadsThatHang) {
  const auto hanging = std::make_shared<HangingFile>();
  const auto file = stored("content");
  TestServer server;
  server.router.add("GET", "/hangs", [hanging](Request&, Responder& responder) {
    return responder.send(Response::of("audio/wav", hanging));
  });
  server.router.add("GET", "/file", [file](Request&, Responder& responder) {
    return responder.send(Response::of("audio/wav", file));
  });
  server.start();
  std::deque<Client> stuck;
  for (int i = 1; i < server.options.reading_threads; ++i) {
    stuck.emplace_back(server.address()).get("/hangs");
    EXPECT_THAT(stuck.back().read_until("\r\n\r\n"), HasSubstr("200 OK"));
  }
  Client client(server.address());
  client.get("/file");
  EXPECT_EQ(client.read().body, "content");
  hanging->release();
  for (Client& each : stuck) EXPECT_EQ(each.read_until("hhhh"), "hhhh");
}

TEST(Downloads, GoOnBesideClientsThatDoNotRead) {
  const auto large = stored(std::string(std::size_t{4} << 20, 'x'));
  TestServer server;
  server.router.add("GET", "/large", [large](Request&, Responder& responder) {
    return responder.send(Response::of("audio/wav", large));
  });
  server.start();
  std::deque<Client> slow;
  for (int i = 0; i < 3 * server.options.reading_threads; ++i) {
    slow.emplace_back(server.address()).shrink_receive_buffer();
    slow.back().get("/large");
    EXPECT_THAT(slow.back().read_until("\r\n\r\n"), HasSubstr("200 OK"));
  }
  Client client(server.address());
  client.get("/large");
  EXPECT_EQ(client.read().body.size(), std::size_t{4} << 20);
}

TEST_F(Responses, IgnoreRangesTheyNeedNotServe) {
  for (const char* range :
       {"bytes=0-1,3-4", "lines=0-1", "bytes=5-1", "bytes=a-b", "bytes=-", "x"}) {
    EXPECT_EQ(get("/file", std::string("Range: ") + range + "\r\n").status, 200) << range;
  }
  EXPECT_EQ(get("/file", "Range: bytes=0-1\r\nIf-Range: \"v1\"\r\n").status, 206);
  EXPECT_EQ(get("/file", "Range: bytes=0-1\r\nIf-Range: \"v2\"\r\n").status, 200);
  EXPECT_EQ(get("/file", "Range: bytes=0-1\r\nIf-Range: W/\"v1\"\r\n").status, 200);
}

TEST_F(Responses, ServePartsFromMemory) {
  EXPECT_EQ(get("/short", "Range: bytes=1-2\r\n").body, "ho");
}

TEST_F(Responses, AreCompressedIfAccepted) {
  const Answer plain = get("/page");
  EXPECT_EQ(plain.body, text_);
  EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
  const Answer packed = get("/page", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
  EXPECT_LT(packed.body.size(), text_.size() / 2);
  EXPECT_EQ(gunzip(packed.body, text_.size()), text_);
  EXPECT_EQ(packed.header("ETag"), "W/" + plain.header("ETag"));
  EXPECT_EQ(
      get("/page", "Accept-Encoding: gzip\r\nIf-None-Match: " + packed.header("ETag") + "\r\n")
          .status,
      304);
  EXPECT_EQ(get("/short", "Accept-Encoding: gzip\r\n").header("Content-Encoding"), "");
  EXPECT_EQ(get("/file", "Accept-Encoding: gzip\r\n").header("Content-Encoding"), "");
  EXPECT_EQ(get("/page", "Accept-Encoding: gzip\r\nRange: bytes=0-3\r\n").body, "line");
}

TEST_F(Responses, CanBeSentInPieces) {
  const Answer answer = get("/pieces");
  EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(answer.body, "one,two,three");
  Client old(server_.address());
  old.send("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Answer until_close = old.read();
  EXPECT_EQ(until_close.header("Transfer-Encoding"), "");
  EXPECT_EQ(until_close.body, "one,two,three");
}

TEST_F(Responses, AreCutWhenTheHandlerFailsInBetween) {
  Client client(server_.address());
  client.get("/breaks");
  EXPECT_THAT(client.read_all(), ::testing::EndsWith("4\r\nhalf\r\n"));
}

TEST(AcceptEncoding, IsReadWithQualities) {
  for (const char* yes : {"gzip", "GZIP", "br;q=1.0, gzip;q=0.2", "*", "deflate, *;q=0.1", "x-gzip",
                          "gzip ; q=0.001"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no :
       {"", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "identity", "gzip;q=x", "gzipp"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(ContentDisposition, IsSafeForAnyName) {
  const auto attachment = [](std::string_view name) {
    return content_disposition(Disposition::attachment, name);
  };
  EXPECT_EQ(attachment("a b.srt"), "attachment; filename=\"a b.srt\"");
  EXPECT_EQ(content_disposition(Disposition::inline_view, "a"), "inline; filename=\"a\"");
  EXPECT_EQ(attachment("שלום.txt"),
            "attachment; filename=\"________.txt\"; "
            "filename*=UTF-8''%D7%A9%D7%9C%D7%95%D7%9D.txt");
  EXPECT_EQ(attachment("../x\"\r\n;y"),
            "attachment; filename=\".._x___;y\"; filename*=UTF-8''.._x%22%0D%0A%3By");
}

TEST(Headers, TakeNoControlCharacters) {
  Headers headers;
  EXPECT_THROW(headers.add("X", "a\r\nB: c"), std::invalid_argument);
  EXPECT_THROW(headers.add("X Y", "a"), std::invalid_argument);
  EXPECT_THROW(headers.add("", "a"), std::invalid_argument);
  EXPECT_THROW(etag("a\"b"), std::invalid_argument);
  headers.add("Accept", "a");
  headers.add("accept", "b");
  EXPECT_EQ(headers.joined("ACCEPT"), "a, b");
}

TEST(ProblemJson, HasWhatRfc9457Asks) {
  const Problem problem{422, "bad_field", "one field is wrong", {{"$.beam", "1 to \"20\"\xff"}}};
  EXPECT_EQ(to_json(problem),
            "{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
            "\"code\":\"bad_field\",\"detail\":\"one field is wrong\",\"errors\":[{\"path\":"
            "\"$.beam\",\"message\":\"1 to \\\"20\\\"\xef\xbf\xbd\"}]}");
}

}  // namespace
}  // namespace steno::http
