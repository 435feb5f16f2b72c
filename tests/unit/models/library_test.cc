#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "models/model_file.h"
#include "models/models.h"
#include "models/names.h"
#include "unit/models/model_bytes.h"

namespace steno::models {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LibraryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("steno_library_test." + std::to_string(::getpid()));
    fs::create_directories(root_ / "here");
    previous_ = fs::current_path();
    fs::current_path(root_ / "here");
  }
  void TearDown() override {
    fs::current_path(previous_);
    fs::remove_all(root_);
  }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }
  std::string make_model(const fs::path& folder, std::uint32_t entries = 51865) const {
    write(folder / "model.bin", whisper_bytes(entries).text());
    write(folder / "config.json", "{}");
    write(folder / "vocabulary.json", "[]");
    return (root_ / folder).string();
  }
  std::string path(const fs::path& relative) const { return (root_ / relative).string(); }
  Library library() const { return Library({path("own"), path("cache")}); }

  std::string not_found(const std::string& name) const {
    const auto found = library().resolve(name);
    EXPECT_FALSE(found.has_value()) << name;
    if (found) return "";
    EXPECT_EQ(found.error().code, Errc::not_found) << name;
    return found.error().message;
  }

  fs::path root_;
  fs::path previous_;
};

TEST_F(LibraryTest, CatalogueHasNoNameTwice) {
  std::set<std::string> names;
  for (const auto& entry : catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    if (!entry.alias.empty()) {
      EXPECT_TRUE(names.insert(entry.alias).second) << entry.alias;
    }
    EXPECT_TRUE(is_repo(entry.repo)) << entry.repo;
    EXPECT_GT(entry.megabytes, 0);
  }
  for (const char* const name : {"tiny",
                                 "tiny.en",
                                 "base",
                                 "base.en",
                                 "small",
                                 "small.en",
                                 "medium",
                                 "medium.en",
                                 "large-v1",
                                 "large-v2",
                                 "large-v3",
                                 "large",
                                 "distil-large-v2",
                                 "distil-medium.en",
                                 "distil-small.en",
                                 "distil-large-v3",
                                 "distil-large-v3.5",
                                 "large-v3-turbo",
                                 "turbo",
                                 "ivrit-ai/whisper-large-v3-turbo-ct2",
                                 "ivrit-ai/whisper-large-v3-ct2"}) {
    EXPECT_NE(find_entry(name), nullptr) << name;
  }
  EXPECT_EQ(find_entry(""), nullptr);
}

TEST_F(LibraryTest, KnowsRepos) {
  EXPECT_TRUE(is_repo("Systran/faster-whisper-base.en"));
  for (const char* const name : {"base", "a/b/c", "../x", "a/..", "a/.b", "-a/b", "a/", "/a",
                                 "a/b c", "a/b?c", "a/b%2F", "a/b@c", ""}) {
    EXPECT_FALSE(is_repo(name)) << name;
  }
}

TEST_F(LibraryTest, FindsModelsByNameAliasRepoAndFolder) {
  const std::string base = make_model("cache/base");
  const std::string turbo = make_model("own/large-v3-turbo");
  const std::string other = make_model("own/some/model-ct2");
  const std::string loose = make_model("elsewhere/mine");
  EXPECT_EQ(library().resolve("base")->path, base);
  EXPECT_EQ(library().resolve("Systran/faster-whisper-base")->path, base);
  EXPECT_EQ(library().resolve("Systran/faster-whisper-base")->name, "base");
  EXPECT_EQ(library().resolve("turbo")->path, turbo);
  EXPECT_EQ(library().resolve("some/model-ct2")->path, other);
  EXPECT_EQ(library().resolve(loose)->path, loose);
  EXPECT_EQ(library().resolve(loose + "/")->name, "mine");
  EXPECT_EQ(library().resolve("../elsewhere/mine")->path, loose);
}

TEST_F(LibraryTest, SearchesInOrder) {
  make_model("cache/base");
  const std::string own = make_model("own/base");
  const std::string here = make_model("here/base");
  EXPECT_EQ(library().resolve("base")->path, own);
  EXPECT_EQ(library().resolve("./base")->path, here);
  fs::remove_all(own);
  EXPECT_EQ(library().resolve("base")->path, path("cache/base"));
  fs::remove_all(path("cache/base"));
  EXPECT_EQ(library().resolve("base")->path, here);
}

TEST_F(LibraryTest, SaysHowToGetWhatIsMissing) {
  EXPECT_THAT(not_found("small"), HasSubstr("steno models pull small"));
  EXPECT_THAT(not_found("owner/repo"), HasSubstr("steno models pull owner/repo"));
  EXPECT_THAT(not_found("bass"), HasSubstr("did you mean base?"));
  EXPECT_THAT(not_found("larg-v3"), HasSubstr("did you mean large-v3?"));
  EXPECT_THAT(not_found("xyzzyplugh"), ::testing::Not(HasSubstr("did you mean")));
  EXPECT_THAT(not_found("./base"), HasSubstr("no model folder ./base"));
  EXPECT_FALSE(library().resolve("").has_value());
}

TEST_F(LibraryTest, RefusesFoldersThatHoldNoModel) {
  write("here/empty/x", "");
  auto found = library().resolve("./empty");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, Errc::bad_model);
  EXPECT_THAT(found.error().message, HasSubstr("./empty holds no model.bin"));
  write("here/model.bin", "");
  found = library().resolve("model.bin");
  ASSERT_FALSE(found.has_value());
  EXPECT_THAT(found.error().message, HasSubstr("model.bin: not a folder"));
  const std::string model = make_model("own/base");
  fs::remove(model + "/vocabulary.json");
  found = library().resolve("base");
  ASSERT_FALSE(found.has_value());
  EXPECT_THAT(found.error().message, HasSubstr("none of tokenizer.json, vocabulary.json"));
}

TEST_F(LibraryTest, ListsWhatIsInstalled) {
  make_model("cache/base");
  make_model("own/base");
  make_model("cache/tiny.en");
  make_model("own/owner/repo");
  make_model("own/.unfinished/small@0");
  write("cache/silero_vad_v6.onnx", "x");
  std::vector<std::string> names, paths;
  for (const auto& folder : library().installed()) {
    names.push_back(folder.name);
    paths.push_back(folder.path);
  }
  EXPECT_THAT(names, ElementsAre("base", "owner/repo", "tiny.en"));
  EXPECT_THAT(paths, ElementsAre(path("own/base"), path("own/owner/repo"), path("cache/tiny.en")));
  EXPECT_TRUE(Library({path("nothing")}).installed().empty());
}

TEST_F(LibraryTest, RemovesInstalledModelsOnly) {
  make_model("own/owner/repo");
  make_model("own/base");
  make_model("here/mine");
  ASSERT_TRUE(library().remove("owner/repo").has_value());
  EXPECT_FALSE(fs::exists(path("own/owner")));
  ASSERT_TRUE(library().remove("Systran/faster-whisper-base").has_value());
  EXPECT_TRUE(fs::is_empty(path("own")));
  const auto again = library().remove("base");
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, Errc::not_found);
  for (const std::string& name :
       {path("here/mine"), std::string("mine"), std::string("./mine"), std::string("../here/mine"),
        std::string(".."), std::string("")}) {
    EXPECT_FALSE(library().remove(name).has_value()) << name;
  }
  EXPECT_TRUE(fs::exists(path("here/mine/model.bin")));
}

TEST_F(LibraryTest, DescribesAModel) {
  const std::string folder = make_model("own/base");
  auto description = describe(folder);
  ASSERT_TRUE(description.has_value()) << description.error().message;
  EXPECT_EQ(description->languages, "99 languages");
  EXPECT_FALSE(description->has_int8);
  EXPECT_EQ(description->bytes, whisper_bytes().text().size() + 4);
  EXPECT_EQ(describe(make_model("own/tiny.en", 51864))->languages, "English");
  EXPECT_EQ(describe(make_model("own/large-v3", 51866))->languages, "100 languages");
}

TEST_F(LibraryTest, PreparesOnce) {
  const std::string folder = make_model("own/base");
  EXPECT_EQ(prepare_for_cpu(folder).value(), Preparation::written);
  EXPECT_TRUE(describe(folder)->has_int8);
  EXPECT_EQ(prepare_for_cpu(folder).value(), Preparation::already_there);
  // A damaged file is written again. model.bin may have int8 weights itself.
  write("own/base/model.int8.bin", "damaged");
  EXPECT_EQ(prepare_for_cpu(folder).value(), Preparation::written);
  fs::rename(folder + "/model.int8.bin", folder + "/model.bin");
  EXPECT_EQ(prepare_for_cpu(folder).value(), Preparation::not_needed);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = prepare_for_cpu(make_model("own/small"), stop.get_token());
  ASSERT_FALSE(stopped.has_value());
  EXPECT_EQ(stopped.error().code, Errc::cancelled);
  EXPECT_FALSE(fs::exists(path("own/small/model.int8.bin")));
}

TEST_F(LibraryTest, NamesTheDamagedFile) {
  const std::string folder = make_model("own/base");
  const auto expect = [&](const std::string& file, const std::string& cause) {
    const auto description = describe(folder);
    ASSERT_FALSE(description.has_value()) << file;
    EXPECT_EQ(description.error().code, Errc::bad_model);
    EXPECT_THAT(description.error().message, HasSubstr(folder + "/" + file + ": "));
    EXPECT_THAT(description.error().message, HasSubstr(cause));
    EXPECT_FALSE(prepare_for_cpu(folder).has_value() && file != "model.int8.bin");
    make_model("own/base");
  };
  const std::string whole = whisper_bytes().text();
  write("own/base/model.bin", whole.substr(0, whole.size() / 2));
  expect("model.bin", "cut off");
  write("own/base/model.bin", "");
  expect("model.bin", "empty");
  write("own/base/model.bin", "not a model at all");
  expect("model.bin", "not a CTranslate2 model");
  write("own/base/model.bin", ModelBytes().header(6, 0, "T5Spec").add(std::uint32_t{0}).text());
  expect("model.bin", "another kind than Whisper's");
  write("own/base/model.bin", ModelBytes().header(6, 0).add(std::uint32_t{0}).text());
  expect("model.bin", "not a Whisper model");
  for (const char* const name :
       {"config.json", "vocabulary.json", "tokenizer.json", "preprocessor_config.json"}) {
    write(fs::path("own/base") / name, "{\"a\": ");
    expect(name, "not valid JSON");
    if (std::string(name) != "config.json" && std::string(name) != "vocabulary.json") {
      fs::remove(path(fs::path("own/base") / name));
    }
  }
  write("own/base/model.int8.bin", "x");
  expect("model.int8.bin", "cut off");
}

TEST_F(LibraryTest, RefusesToPullWhatIsNoName) {
  const auto pull = [&](const std::string& name, PullOptions options = {}) {
    const auto pulled = library().pull(name, options, {}, {});
    EXPECT_FALSE(pulled.has_value());
    return pulled ? Error{} : pulled.error();
  };
  EXPECT_THAT(pull("smal").message, HasSubstr("did you mean small?"));
  EXPECT_THAT(pull("../x").message, HasSubstr("no model ../x to pull"));
  PullOptions options;
  options.endpoint = "ftp://host";
  EXPECT_THAT(pull("base", options).message, HasSubstr("HF_ENDPOINT must be a URL"));
  EXPECT_FALSE(fs::exists(path("own")));
}

}  // namespace
}  // namespace steno::models
