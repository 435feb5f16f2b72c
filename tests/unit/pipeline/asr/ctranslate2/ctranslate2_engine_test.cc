#include "pipeline/asr/ctranslate2/ctranslate2_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "pipeline/asr/ctranslate2/device.h"
#include "test_paths.h"

namespace steno::asr {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class EngineFolder {
 public:
  EngineFolder() {
    char path[] = "/tmp/steno_engine_XXXXXX";
    path_ = mkdtemp(path);
  }
  ~EngineFolder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  void link(const std::string& name) const {
    fs::create_symlink(fs::path(STENO_MODELS) / "tiny.en" / name, path_ / name);
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }

 private:
  fs::path path_;
};

EngineConfig on_cpu(const std::string& folder) {
  EngineConfig config;
  config.model_folder = folder;
  config.device = "cpu";
  config.num_workers = 1;
  return config;
}

Error error_of(const EngineConfig& config) {
  auto engine = make_ctranslate2_engine(config);
  if (engine) {
    ADD_FAILURE() << "the engine was made";
    return {};
  }
  EXPECT_EQ(engine.error().message.find('\n'), std::string::npos);
  return engine.error();
}

TEST(Ctranslate2Engine, FillsModelInfo) {
  auto engine = make_ctranslate2_engine(on_cpu(STENO_MODELS "/tiny.en/"));
  ASSERT_TRUE(engine) << engine.error().message;
  const ModelInfo& info = (*engine)->info();
  EXPECT_EQ(info.name, "tiny.en");
  EXPECT_FALSE(info.multilingual);
  EXPECT_EQ(info.mels, 80);
  EXPECT_EQ(info.vocabulary_size, 51864);
  EXPECT_EQ(info.device, "cpu");
  EXPECT_EQ(info.compute_type, "int8_float32");
  EXPECT_EQ(info.replicas, 1);
}

TEST(Ctranslate2Engine, MakesAskedReplicasAndComputeType) {
  EngineConfig config = on_cpu(STENO_MODELS "/tiny.en");
  config.num_workers = 3;
  config.compute_type = "float32";
  auto engine = make_ctranslate2_engine(config);
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->info().replicas, 3);
  EXPECT_EQ((*engine)->info().compute_type, "float32");
}

TEST(Ctranslate2Engine, RefusesWhatIsNoModel) {
  EXPECT_EQ(error_of(on_cpu("/nowhere/model")).code, Errc::not_found);
  EngineFolder folder;
  auto error = error_of(on_cpu(folder.path()));
  EXPECT_EQ(error.code, Errc::bad_model);
  EXPECT_THAT(error.message, AllOf(HasSubstr(folder.path().string()), HasSubstr("model.bin")));
  folder.write("model.bin", "not a model");
  error = error_of(on_cpu(folder.path()));
  EXPECT_THAT(error.message, HasSubstr("vocabulary"));
  folder.write("vocabulary.txt", "a\nb\n");
  error = error_of(on_cpu(folder.path()));
  EXPECT_EQ(error.code, Errc::bad_model);
  EXPECT_THAT(error.message, HasSubstr(folder.path().string()));
}

TEST(Ctranslate2Engine, NamesTheComputeTypesThatWork) {
  EngineConfig config = on_cpu(STENO_MODELS "/tiny.en");
  config.compute_type = "float16";
  auto error = error_of(config);
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_THAT(error.message, AllOf(HasSubstr("float16"), HasSubstr("int8"), HasSubstr("float32")));
  config.compute_type = "int9";
  error = error_of(config);
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_THAT(error.message, HasSubstr("no compute_type int9"));
}

TEST(Ctranslate2Engine, RefusesDevicesThatAreNotThere) {
  EngineConfig config = on_cpu(STENO_MODELS "/tiny.en");
  config.device = "tpu";
  EXPECT_THAT(error_of(config).message, HasSubstr("auto, cpu, cuda"));
  config.device = "cpu";
  config.device_index = {1};
  EXPECT_THAT(error_of(config).message, HasSubstr("only index 0"));
  config.device_index = {0, 0};
  EXPECT_THAT(error_of(config).message, HasSubstr("twice"));
  config.device_index = {cuda_device_count()};
  config.device = "cuda";
  const Error error = error_of(config);
  if (cuda_device_count() == 0) {
    EXPECT_EQ(error.code, Errc::unavailable);
    EXPECT_THAT(error.message, HasSubstr("no NVIDIA GPU"));
  } else {
    EXPECT_EQ(error.code, Errc::invalid_argument);
  }
}

// A folder converted without the vocabulary file, or with a config.json that names no language ids.
TEST(Ctranslate2Engine, FillsInWhatAFolderLacks) {
  EngineFolder folder;
  folder.link("model.bin");
  folder.link("tokenizer.json");
  auto engine = make_ctranslate2_engine(on_cpu(folder.path()));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->info().vocabulary_size, 51864);
  Features silence{80, 100, std::vector<float>(8000, -1.0f)};
  auto encoded = (*engine)->encode({&silence, 1});
  const std::vector<std::vector<int>> prompts = {{50257, 50362}};
  EXPECT_EQ((*engine)->generate(encoded, prompts, {}, {}).size(), 1u);
}

TEST(Ctranslate2Engine, RefusesDamagedTokenizerFiles) {
  EngineFolder folder;
  folder.link("model.bin");
  for (const std::string text :
       {"", "{", "[]", "{\"model\":{\"vocab\":{\"a\":-1}}}", "{\"model\":{\"vocab\":[1]}}",
        "{\"model\":{\"vocab\":{\"a\":99999999999}}}"}) {
    folder.write("tokenizer.json", text);
    EXPECT_EQ(error_of(on_cpu(folder.path())).code, Errc::bad_model) << text;
  }
}

}  // namespace
}  // namespace steno::asr
