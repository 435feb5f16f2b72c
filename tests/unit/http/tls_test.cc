#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "unit/http/certificate.h"
#include "unit/http/client.h"
#include "unit/http/test_server.h"

namespace steno::http {
namespace {

using ::testing::HasSubstr;

class HttpTls : public ::testing::Test {
 protected:
  HttpTls() {
    std::string name = (std::filesystem::temp_directory_path() / "steno_tls_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder " + name);
    folder_ = name;
    files_ = {folder_ / "chain.pem", folder_ / "key.pem"};
    write_certificate(files_, "first");
    server_.options.tls = files_;
  }
  ~HttpTls() override { std::filesystem::remove_all(folder_); }

  std::string name_seen() { return Client(server_.address(), Client::Kind::tls).server_name(); }

  std::filesystem::path folder_;
  TlsFiles files_;
  TestServer server_;
};

TEST_F(HttpTls, ServesAsWithoutIt) {
  server_.router.add("GET", "/secure", [](Request& request, Responder& responder) {
    return responder.send(Response::text(200, request.secure() ? "yes" : "no"));
  });
  server_.start();
  Client client(server_.address(), Client::Kind::tls);
  client.get("/secure");
  EXPECT_EQ(client.read().body, "yes");
  const std::string body(500'000, 'b');
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" + body);
  EXPECT_EQ(client.read().body, body);
  client.get("/hello", "Connection: close\r\n");
  EXPECT_EQ(client.read().body, "hello");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpTls, ClosesConnectionsWithoutTls) {
  server_.options.limits.header_timeout = std::chrono::milliseconds(50);
  server_.start();
  Client plain(server_.address());
  plain.get("/hello");
  EXPECT_TRUE(plain.is_closed());
  Client silent(server_.address());
  EXPECT_TRUE(silent.is_closed());
}

TEST_F(HttpTls, TakesNewCertificatesAndKeepsOldOnesIfTheNewAreBad) {
  server_.start();
  EXPECT_THAT(name_seen(), HasSubstr("CN=first"));
  Client open(server_.address(), Client::Kind::tls);
  write_certificate(files_, "second");
  EXPECT_TRUE(server_.server->reload_certificates().has_value());
  EXPECT_THAT(name_seen(), HasSubstr("CN=second"));
  std::ofstream(files_.certificate_chain) << "no certificate";
  const auto bad = server_.server->reload_certificates();
  ASSERT_FALSE(bad.has_value());
  EXPECT_THAT(bad.error().message, HasSubstr("chain.pem"));
  EXPECT_THAT(name_seen(), HasSubstr("CN=second"));
  open.get("/hello");
  EXPECT_EQ(open.read().body, "hello");
}

TEST_F(HttpTls, RefusesAKeyOfAnotherCertificate) {
  const TlsFiles other = {folder_ / "other.pem", folder_ / "other-key.pem"};
  write_certificate(other, "other");
  Server server(server_.router, {.listen = {"127.0.0.1:0"},
                                 .tls = TlsFiles{files_.certificate_chain, other.private_key}});
  const auto started = server.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, Errc::invalid_argument);
  EXPECT_FALSE(Server(server_.router, {}).reload_certificates().has_value());
}

}  // namespace
}  // namespace steno::http
