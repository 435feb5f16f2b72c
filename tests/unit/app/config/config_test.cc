#include "app/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "app/config/config_rules.h"
#include "app/config/config_table.h"
#include "app/config/config_text.h"
#include "test_paths.h"

namespace steno::app {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Variables = std::map<std::string, std::string>;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A configuration file that is removed after the test.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = testing::TempDir() + "steno_config_" + test->name() + ".toml";
  }
  ~ConfigTest() override { std::filesystem::remove(path_); }

  ConfigFlags file(const std::string& text, std::vector<ConfigFlag> values = {}) {
    std::ofstream(path_, std::ios::binary) << text;
    return {path_, std::move(values)};
  }

  static Config read(const ConfigFlags& flags, Variables variables = {}) {
    variables.emplace("HOME", "/home/someone");
    return read_config(flags, variables);
  }

  Config read_text(const std::string& text) { return read(file(text)); }

  std::string path_;
};

std::string origin_of(const Config& config, const std::string& name) {
  return std::ranges::find(config.entries, name, &ConfigEntry::name)->origin;
}

TEST_F(ConfigTest, HasTheDefaults) {
  const Config config = read({});
  EXPECT_THAT(config.errors, IsEmpty());
  const auto settings = config.checked();
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->data_dir, "/home/someone/.local/share/steno");
  EXPECT_THAT(settings->server.listen, ElementsAre("127.0.0.1:8080"));
  EXPECT_EQ(settings->jobs.lease, std::chrono::seconds(15));
  EXPECT_EQ(settings->worker.device.device, "auto");
  for (const ConfigEntry& entry : config.entries) EXPECT_EQ(entry.origin, "default");
  EXPECT_EQ(config.entries.size(), config_table().size());
}

TEST_F(ConfigTest, DataIsWhereTheDesktopWantsIt) {
  EXPECT_EQ(read({}, {{"XDG_DATA_HOME", "/data"}}).settings.data_dir, "/data/steno");
  EXPECT_THAT(read_config({}, {}).errors, ElementsAre(HasSubstr("neither data_dir nor HOME")));
  EXPECT_THAT(read_config({}, {{"STENO_DATA_DIR", "/d"}}).errors, IsEmpty());
}

TEST_F(ConfigTest, ReadsEveryTypeFromAFile) {
  const Config config = read_text(R"(
data_dir = "/var/lib/steno"
[server]
listen = ["0.0.0.0:8080", "[::]:8080"]
metrics_without_key = true
max_upload_bytes = 1_048_576
open_without_key = "never"
[jobs]
retry_base_s = 0.25
retention_audio_s = 0
[worker]
device_index = [0, 1]
warm_models = "tiny.en"
[log]
level = "debug"
format = "json"
)");
  ASSERT_THAT(config.errors, IsEmpty());
  const Settings& settings = config.settings;
  EXPECT_EQ(settings.data_dir, "/var/lib/steno");
  EXPECT_THAT(settings.server.listen, ElementsAre("0.0.0.0:8080", "[::]:8080"));
  EXPECT_TRUE(settings.server.metrics_without_key);
  EXPECT_EQ(settings.server.max_upload_bytes, 1'048'576u);
  EXPECT_EQ(settings.jobs.retry_base, std::chrono::milliseconds(250));
  EXPECT_EQ(settings.jobs.retention_audio, Duration(0));
  EXPECT_THAT(settings.worker.device.device_index, ElementsAre(0, 1));
  EXPECT_THAT(settings.worker.warm_models, ElementsAre("tiny.en"));
  EXPECT_EQ(settings.log.level, LogLevel::debug);
  EXPECT_EQ(settings.log.format, LogFormat::json);
  EXPECT_EQ(origin_of(config, "server.listen"), path_ + ":4");
}

TEST_F(ConfigTest, VariablesGoOverTheFileAndFlagsOverBoth) {
  const Config config =
      read(file("[jobs]\nmax_attempts = 4\nmax_queued = 4\nageing_s = 4",
                {{"--set", "jobs.max_attempts", "6"}, {"--set", "jobs.max_attempts", "7"}}),
           {{"STENO_JOBS_MAX_ATTEMPTS", "5"}, {"STENO_JOBS_MAX_QUEUED", "5"}});
  ASSERT_THAT(config.errors, IsEmpty());
  EXPECT_EQ(config.settings.jobs.max_attempts, 7);
  EXPECT_EQ(config.settings.jobs.max_queued, 5);
  EXPECT_EQ(config.settings.jobs.ageing, std::chrono::seconds(4));
  EXPECT_EQ(origin_of(config, "jobs.max_attempts"), "--set");
  EXPECT_EQ(origin_of(config, "jobs.max_queued"), "STENO_JOBS_MAX_QUEUED");
  EXPECT_EQ(origin_of(config, "jobs.ageing_s"), path_ + ":4");
}

TEST_F(ConfigTest, ReadsVariablesAsPeopleTypeThem) {
  const Config config = read({}, {{"STENO_SERVER_LISTEN", "127.0.0.1:1, localhost:2"},
                                  {"STENO_SERVER_METRICS_WITHOUT_KEY", "true"},
                                  {"STENO_JOBS_LEASE_S", " 7.5 "},
                                  {"STENO_LOG_LEVEL", ""}});
  ASSERT_THAT(config.errors, IsEmpty());
  EXPECT_THAT(config.settings.server.listen, ElementsAre("127.0.0.1:1", "localhost:2"));
  EXPECT_TRUE(config.settings.server.metrics_without_key);
  EXPECT_EQ(config.settings.jobs.lease, std::chrono::milliseconds(7500));
  EXPECT_EQ(origin_of(config, "log.level"), "default");  // empty counts as unset
}

TEST_F(ConfigTest, TheVariableNamesTheFileUnlessAFlagDoes) {
  const ConfigFlags flags = file("[jobs]\nmax_attempts = 4\n");
  EXPECT_EQ(read({}, {{"STENO_CONFIG", path_}}).settings.jobs.max_attempts, 4);
  EXPECT_EQ(read(flags, {{"STENO_CONFIG", "/no/such/file"}}).settings.jobs.max_attempts, 4);
  EXPECT_THAT(read({}, {{"STENO_CONFIG", "/no/such/file"}}).errors,
              ElementsAre("/no/such/file: No such file or directory"));
  EXPECT_THAT(read({testing::TempDir(), {}}).errors, ElementsAre(HasSubstr("is a folder")));
}

TEST_F(ConfigTest, SaysEverythingThatIsWrongAndWhere) {
  const Config config =
      read(file(R"(data_dir = 3
[server]
listen = ["127.0.0.1"]
threads = "two"
[sever]
[jobs]
max_attempts = 0
lease_s = 1979-05-27
)",
                {{"--workers", "worker.count", "-1"}, {"--set", "jobs", "1"}}),
           {{"STENO_FETCH_ALLOW_NETWORKS", "10.0.0.0/33"}, {"STENO_LOG_LEVEL", "loud"}});
  EXPECT_THAT(
      config.errors,
      ElementsAre(path_ + ":1: data_dir must be text, not 3",
                  AllOf(HasSubstr(":3: server.listen must be a list, not empty, each host:port"),
                        HasSubstr("127.0.0.1")),
                  path_ + ":4: server.threads must be a whole number from 0 to 1024, not 'two'",
                  path_ + ":5: no setting is called \"sever\"; did you mean server?",
                  path_ + ":7: jobs.max_attempts must be a whole number from 1 to 100, not 0",
                  AllOf(HasSubstr(":8: jobs.lease_s must be a number of seconds"),
                        EndsWith("not 1979-05-27")),
                  AllOf(HasSubstr("STENO_FETCH_ALLOW_NETWORKS: fetch.allow_networks must be"),
                        HasSubstr("10.0.0.0/33")),
                  "STENO_LOG_LEVEL: log.level must be debug or info or warning or error, not "
                  "\"loud\"",
                  "--workers: worker.count must be a whole number from 0 to 256, not \"-1\"",
                  HasSubstr("--set: no setting is called \"jobs\"")));
  const auto settings = config.checked();
  ASSERT_FALSE(settings);
  EXPECT_EQ(std::ranges::count(settings.error().message, '\n'), 9);
}

TEST_F(ConfigTest, SaysTheNearestNameOfWhatIsUnknown) {
  EXPECT_THAT(read_text("[server]\nlisten_on = \"a\"\nlisen = 1\n").errors,
              ElementsAre(EndsWith("did you mean server.listen?"),
                          EndsWith(":3: no setting is called \"server.lisen\"; did you mean "
                                   "server.listen?")));
  EXPECT_THAT(read({}, {{"STENO_SERVER_LISTN", "x"}}).errors,
              ElementsAre("no variable of Steno is called STENO_SERVER_LISTN; did you mean "
                          "STENO_SERVER_LISTEN?"));
  EXPECT_THAT(read({{}, {{"--set", "jobs.max_atempts", "1"}}}).errors,
              ElementsAre(EndsWith("did you mean jobs.max_attempts?")));
  EXPECT_THAT(read_text("server = 1").errors,
              ElementsAre(path_ + ":1: server is a group of settings, not one"));
}

TEST_F(ConfigTest, FileThatIsNotToml) {
  EXPECT_THAT(read_text("data_dir = \"x\"\nlisten = = 1\n").errors,
              ElementsAre(testing::StartsWith(path_ + ":2: ")));
  EXPECT_THAT(read_text("data_dir = \"x\"\ndata_dir = \"y\"\n").errors,
              ElementsAre(testing::StartsWith(path_ + ":2: ")));
}

TEST_F(ConfigTest, LeavesOtherVariablesAlone) {
  EXPECT_THAT(read({}, {{"STENO_CACHE", "/c"},
                        {"STENO_MODELS", "/m"},
                        {"STENO_URL", "http://x"},
                        {"STENO_API_KEY", "k"},
                        {"STENO_REQUIRE_ALL", "1"},
                        {"STENO_TIDY", "off"},
                        {"STENOGRAPH", "x"},
                        {"LISTEN", "x"},
                        {"STENO_SERVICE_HOST", "10.0.0.1"},
                        {"STENO_SERVICE_PORT_HTTP", "8080"},
                        {"STENO_API_PORT_8080_TCP_ADDR", "10.0.0.1"},
                        {"STENO_PORT", "tcp://10.0.0.1:8080"}})
                  .errors,
              IsEmpty());
}

TEST_F(ConfigTest, SettingsMustNotContradictEachOther) {
  const auto errors = [](std::vector<ConfigFlag> values) {
    for (ConfigFlag& value : values) value.flag = "--set";
    return read({{}, values}).errors;
  };
  EXPECT_THAT(errors({{"", "server.tls_key", "key.pem"}}),
              ElementsAre("server.tls_key has no effect without server.tls_certificate"));
  EXPECT_THAT(errors({{"", "server.tls_certificate", "c.pem"}}),
              ElementsAre("server.tls_certificate has no effect without server.tls_key"));
  EXPECT_THAT(errors({{"", "jobs.retry_base_s", "9"}, {"", "jobs.retry_max_s", "8"}}),
              ElementsAre(HasSubstr("jobs.retry_base_s must not be above")));
  EXPECT_THAT(errors({{"", "jobs.lease_s", "5"}}),
              ElementsAre("jobs.lease_s must be at least three times worker.heartbeat_s"));
  EXPECT_THAT(errors({{"", "worker.jobs_at_once", "4"}}),
              ElementsAre("worker.short_reserve must be below worker.jobs_at_once"));
}

TEST_F(ConfigTest, OpenWithoutKeyNeedsLoopback) {
  const auto errors = [](const std::string& listen) {
    return read({{},
                 {{"--listen", "server.listen", listen},
                  {"--set", "server.open_without_key", "loopback"}}})
        .errors;
  };
  EXPECT_THAT(errors("127.0.0.1:1,127.9.9.9:2,[::1]:3,localhost:4"), IsEmpty());
  for (const char* open : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:127.0.0.1]:1", "host:1",
                           "127.0.0.1:1,128.0.0.1:1"}) {
    EXPECT_THAT(errors(open), ElementsAre(HasSubstr("server.open_without_key"))) << open;
  }
}

TEST(ConfigRules, TextsAreWhatTheySay) {
  const auto check = [](const TextRule& rule, std::vector<std::string> good,
                        std::vector<std::string> bad) {
    for (const auto& text : good) EXPECT_TRUE(rule.fits(text)) << rule.allowed << ": " << text;
    for (const auto& text : bad) EXPECT_FALSE(rule.fits(text)) << rule.allowed << ": " << text;
  };
  check(listen_address(), {"127.0.0.1:0", "0.0.0.0:65535", "[::1]:80", "a-b.example:8080"},
        {"", "127.0.0.1", ":80", "::1:80", "1.2.3:80", "1.2.3.400:80", "a:65536", "a:-1", "a:8x",
         "[::1]", "[1.2.3.4]:80", "a b:80", "http://a:80", "-a:80"});
  check(network(), {"10.0.0.0/8", "10.0.0.1", "fd00::/8", "::1", "0.0.0.0/0"},
        {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "localhost", "10.0.0.0/8 "});
  check(web_origin(), {"*", "https://app.example", "http://localhost:3000", "http://[::1]:3000"},
        {"", "app.example", "https://", "https://a/", "https://a/b", "ftp://a", "null"});
  check(web_address(), {"https://a.example", "http://a:8080/steno"},
        {"", "https://a/", "https://a/?x", "a.example", "https:///a", "https://a\n"});
  check(any_text(), {"x", "עברית"}, {"", "a\nb", std::string("a\0b", 3), "\x1b[2J"});
}

TEST(ConfigTable, IsTheGoldenList) {
  std::string names;
  for (const ConfigKey& row : config_table()) names += row.name + "\n";
  EXPECT_EQ(names, read_file(STENO_GOLDEN "/config_keys.txt"));
}

TEST(ConfigTable, EveryRowIsWhole) {
  std::set<std::string> variables;
  for (const ConfigKey& row : config_table()) {
    EXPECT_TRUE(variables.insert(row.variable()).second) << row.variable();
    EXPECT_FALSE(row.help.empty() || row.help.ends_with('.') || row.allowed.empty()) << row.name;
    Settings settings;
    settings.data_dir = "/d";
    const std::string before = config_text(row.get(settings));
    EXPECT_TRUE(row.set_text(settings, before)) << row.name << " refuses its default";
    EXPECT_EQ(config_text(row.get(settings)), before) << row.name;
    EXPECT_FALSE(row.set_text(settings, "\n")) << row.name << " takes anything";
  }
}

TEST(ConfigTable, EveryRowHasAFieldOfItsOwn) {
  for (const ConfigKey& row : config_table()) {
    Settings settings;
    for (const char* other :
         {"true", "7", "1,2", "cuda", "int8", "loopback", "error", "json", "required",
          "localhost:7", "https://a.example", "10.0.0.0/8", "100"}) {
      if (row.set_text(settings, other)) break;
    }
    for (const ConfigKey& any : config_table()) {
      EXPECT_EQ(config_text(any.get(settings)) != config_text(any.get(Settings())),
                any.name == row.name)
          << row.name << " and " << any.name;
    }
  }
}

TEST_F(ConfigTest, IsShownAsAFileThatGivesTheSame) {
  const Config first = read({{},
                             {{"--listen", "server.listen", "127.0.0.1:1,[::1]:2"},
                              {"--set", "worker.model", "a \"b\" \\c # d"},
                              {"--set", "jobs.retry_base_s", "0.125"},
                              {"--set", "worker.device_index", "0,1"}}});
  ASSERT_THAT(first.errors, IsEmpty());
  const std::string text = config_as_text(first);
  EXPECT_THAT(text, HasSubstr("server.listen = [\"127.0.0.1:1\",\"[::1]:2\"]  # --listen\n"));
  EXPECT_THAT(text, HasSubstr("worker.device_index = [0,1]  # --set\n"));
  EXPECT_THAT(text, HasSubstr("log.level = \"info\"  # default\n"));
  const Config second = read_text(text);
  ASSERT_THAT(second.errors, IsEmpty());
  for (const ConfigKey& row : config_table()) {
    EXPECT_EQ(row.get(first.settings), row.get(second.settings)) << row.name;
  }
}

TEST_F(ConfigTest, IsShownAsJson) {
  const auto json =
      nlohmann::json::parse(config_as_json(read({{}, {{"--workers", "worker.count", "2"}}})));
  EXPECT_EQ(json.at("worker.count").dump(), R"({"origin":"--workers","value":2})");
  EXPECT_EQ(json.at("server.metrics_without_key").at("value"), false);
  EXPECT_EQ(json.size(), config_table().size());
}

TEST_F(ConfigTest, SecretsAreHidden) {
  ConfigKey row = *find_config_key("worker.model");
  row.secrecy = Secrecy::secret;
  Settings settings;
  settings.worker.model = "swordfish";
  EXPECT_EQ(shown_value(row, settings), "\"********\"");
  settings.worker.model.clear();
  EXPECT_EQ(shown_value(row, settings), "\"\"");
  const auto refused = row.set_text(settings, "sword\nfish");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("fish")));
}

TEST(ConfigDocumentation, IsTheDocumentOfTheTable) {
  EXPECT_EQ(config_documentation(), read_file(STENO_GOLDEN "/../../docs/configuration.md"))
      << "steno config show --format markdown > docs/configuration.md";
}

}  // namespace
}  // namespace steno::app
