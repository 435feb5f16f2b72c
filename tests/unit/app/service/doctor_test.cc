#include "app/service/doctor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "unit/base/temporary_folder.h"
#include "unit/http/certificate.h"

namespace steno::app {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using State = Finding::State;

class Doctor : public testing::Test {
 protected:
  Doctor() {
    settings_.data_dir = (folder_ / "data").string();
    settings_.server.listen = {"127.0.0.1:0"};
  }

  Finding find(const std::string& subject) {
    const auto findings = examine(settings_, Environment(), protection_);
    const auto found = std::ranges::find(findings, subject, &Finding::subject);
    if (found == findings.end()) throw std::runtime_error("nothing is said of the " + subject);
    return *found;
  }
  Finding certificate_that_expires_in(std::chrono::seconds expiry) {
    http::write_certificate(files_, "steno.example", expiry);
    return find_certificate();
  }
  Finding find_certificate() {
    settings_.server.tls_certificate = files_.certificate_chain;
    settings_.server.tls_key = files_.private_key;
    return find("certificate");
  }

  TemporaryFolder folder_;
  const http::TlsFiles files_ = {folder_ / "chain.pem", folder_ / "key.pem"};
  Settings settings_;
  sandbox::Protection protection_{true, true};
};

TEST_F(Doctor, MakesNoFolderOfAMistypedName) {
  const auto folder = find("data folder");
  EXPECT_EQ(folder.state, State::doubtful);
  EXPECT_THAT(folder.text, HasSubstr(settings_.data_dir));
  EXPECT_FALSE(std::filesystem::exists(settings_.data_dir));
  EXPECT_EQ(find("addresses").state, State::good);
}

TEST_F(Doctor, SaysWhatTheSandboxLacks) {
  EXPECT_EQ(find("sandbox").state, State::good);
  protection_ = {true, false};
  EXPECT_EQ(find("sandbox").state, State::good);
  EXPECT_THAT(find("sandbox").text, HasSubstr("no Landlock"));
  protection_ = {false, false};
  EXPECT_EQ(find("sandbox").state, State::doubtful);
  EXPECT_THAT(find("sandbox").text, HasSubstr("without seccomp and Landlock"));
  settings_.worker.sandbox = SandboxRule::required;
  EXPECT_EQ(find("sandbox").state, State::bad);
  EXPECT_THAT(find("sandbox").text, HasSubstr("worker.sandbox"));
}

TEST_F(Doctor, NamesWhatServeWouldRefuse) {
  settings_.store.url = "sqlite:" + (folder_ / "none/all.db").string();
  settings_.blobs.url = "file:" + (folder_ / "nothing/blobs").string();
  const auto database = find("database");
  EXPECT_EQ(database.state, State::bad);
  EXPECT_THAT(database.text, HasSubstr((folder_ / "none").string() + " does not exist; make it"));
  const auto blobs = find("audio and results");
  EXPECT_EQ(blobs.state, State::bad);
  EXPECT_THAT(blobs.text, HasSubstr((folder_ / "nothing").string() + " does not exist; make it"));

  std::filesystem::create_directory(folder_ / "none");
  std::filesystem::create_directory(folder_ / "nothing");
  EXPECT_EQ(find("database").state, State::doubtful);
  EXPECT_EQ(find("audio and results").state, State::doubtful);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none/all.db"));
  EXPECT_FALSE(std::filesystem::exists(settings_.data_dir));
}

TEST_F(Doctor, NamesADataFolderThatCannotBeMade) {
  std::ofstream(folder_ / "file") << "x";
  settings_.data_dir = (folder_ / "file/data").string();
  EXPECT_EQ(find("data folder").state, State::bad);
}

TEST_F(Doctor, FindsRecordingsWithoutTheirDatabase) {
  std::filesystem::create_directories(folder_ / "data/blobs/blobs/audio");
  std::ofstream(folder_ / "data/blobs/blobs/audio/one") << "x";
  const auto findings = examine(settings_, Environment(), protection_);
  const auto bad = std::ranges::find_if(findings, [](const Finding& finding) {
    return finding.subject == "database" && finding.state == State::bad;
  });
  ASSERT_NE(bad, findings.end());
  EXPECT_THAT(bad->text, HasSubstr("restore a backup"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data/steno.db"));
}

TEST_F(Doctor, LooksAtTheTimeOfTheCertificate) {
  EXPECT_EQ(certificate_that_expires_in(hours(24 * 31)).state, State::good);
  const auto soon = certificate_that_expires_in(hours(24 * 29));
  EXPECT_EQ(soon.state, State::doubtful);
  EXPECT_THAT(soon.text, HasSubstr("expires in less than 30 days"));
  const auto expired = certificate_that_expires_in(hours(-1));
  EXPECT_EQ(expired.state, State::bad);
  EXPECT_THAT(expired.text, HasSubstr("expired"));
}

TEST_F(Doctor, LooksAtTheWholeChain) {
  http::write_certificate(files_, "steno.example", hours(24 * 365));
  const http::TlsFiles issuer = {folder_ / "issuer.pem", folder_ / "issuer-key.pem"};
  http::write_certificate(issuer, "issuer", hours(-1));
  std::ofstream(files_.certificate_chain, std::ios::app)
      << std::ifstream(issuer.certificate_chain).rdbuf();
  EXPECT_EQ(find_certificate().state, State::bad);
}

TEST_F(Doctor, FindsAKeyOfAnotherCertificateAndNone) {
  http::write_certificate(files_, "steno.example", hours(24 * 365));
  const http::TlsFiles other = {folder_ / "other.pem", folder_ / "other-key.pem"};
  http::write_certificate(other, "other");
  std::filesystem::copy_file(other.private_key, files_.private_key,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(find_certificate().state, State::bad);
  std::filesystem::remove(files_.certificate_chain);
  const auto none = find_certificate();
  EXPECT_EQ(none.state, State::bad);
  EXPECT_THAT(none.text, HasSubstr("chain.pem"));
}

}  // namespace
}  // namespace steno::app
