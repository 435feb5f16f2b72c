// Loading of valid and invalid model folders.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "models/model_file.h"
#include "pipeline/asr/asr.h"
#include "unit/pipeline/asr/small_model.h"

namespace steno::asr {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr const char* kFloat = "float32";  // CTranslate2's engine; "int8" is the native one

EngineConfig config_of(const ModelFolder& folder, const std::string& compute_type) {
  EngineConfig config;
  config.model_folder = folder.path();
  config.device = "cpu";
  config.compute_type = compute_type;
  config.num_workers = 1;
  return config;
}

/// Each engine refuses the folder with an error that names the file and contains `what`.
void expect_refused(const ModelFolder& folder, const std::string& file, const std::string& what) {
  for (const std::string type : {"int8", kFloat}) {
    SCOPED_TRACE(type);
    const auto model = SpeechModel::load(config_of(folder, type));
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, Errc::bad_model);
    EXPECT_THAT(model.error().message, HasSubstr(folder.path() + "/" + file));
    EXPECT_THAT(model.error().message, HasSubstr(what));
    EXPECT_EQ(model.error().message.find('\n'), std::string::npos);
  }
}

/// A small model and `base`'s tokenizer.json, changed by `change`.
template <class Change>
void write_tokenizer(const ModelFolder& folder, Change change) {
  ModelFolder base;
  base.link("base", "tokenizer.json");
  auto tokenizer = Json::parse(base.read("tokenizer.json"));
  for (auto& token : tokenizer["added_tokens"]) {
    if (token["id"] >= 50358) token["id"] = token["id"].get<int>() + 1;
    change(token);
  }
  folder.write("tokenizer.json", tokenizer.dump());
}

TEST(SpeechModelLoad, TakesAModelWith128MelsAnd100Languages) {
  ModelFolder folder;
  write_small_model(folder, {});
  for (const std::string type : {"int8", kFloat}) {
    const auto model = SpeechModel::load(config_of(folder, type));
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->info().mels, 128);
    EXPECT_EQ((*model)->info().vocabulary_size, 51866);
    EXPECT_TRUE((*model)->info().multilingual);
    EXPECT_EQ((*model)->tokenizer().language_codes().size(), 100u);
  }
}

TEST(SpeechModelLoad, RefusesIdsAndHeadsThatTheModelDoesNotHave) {
  ModelFolder folder;
  write_small_model(folder, {});
  folder.write("config.json", R"({"lang_ids":[99999999]})");
  expect_refused(folder, "config.json", "lang_ids holds 99999999");
  folder.write("config.json", R"({"alignment_heads":[[0,0],[2,0]]})");
  expect_refused(folder, "config.json", "[2, 0]");
}

TEST(SpeechModelLoad, RefusesATokenizerOfAnotherModel) {
  ModelFolder folder;
  write_small_model(folder, {});
  const auto move = [](const char* name, int id) {
    return [=](Json& token) {
      if (token["content"] == name) token["id"] = id;
    };
  };
  write_tokenizer(folder, move("", 0));
  EXPECT_TRUE(SpeechModel::load(config_of(folder, "int8")));
  write_tokenizer(folder, move("<|transcribe|>", 900000));
  expect_refused(folder, "tokenizer.json",
                 "<|transcribe|> is token 900000, but the model has 51866 tokens");
  write_tokenizer(folder, move("<|de|>", 51866));
  expect_refused(folder, "tokenizer.json", "<|de|> is token 51866");
  write_tokenizer(folder, move("<|notimestamps|>", 50300));
  expect_refused(folder, "tokenizer.json",
                 "<|notimestamps|> is token 50300, but in the model it is token 50364");
}

TEST(SpeechModelLoad, RefusesAVocabularyThatIsTooSmall) {
  ModelFolder folder;
  SmallModel model;
  model.vocabulary = 1000;
  folder.write("model.bin", small_model_bytes(model));
  folder.link("base", "tokenizer.json");
  for (const int size : {1000, 51000}) {
    model.vocabulary = size;
    folder.write("model.bin", small_model_bytes(model));
    const auto loaded = SpeechModel::load(config_of(folder, "int8"));
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().message,
                HasSubstr("its vocabulary has " + std::to_string(size) + " tokens"));
  }
}

TEST(SpeechModelLoad, ReadsAnInt8FileWrittenFromIt) {
  ModelFolder folder;
  write_small_model(folder, {});
  const auto file = models::ModelFile::open(folder.path() + "/model.bin");
  ASSERT_TRUE(file);
  ASSERT_TRUE(models::write_int8(**file, folder.path() + "/model.int8.bin"));
  EXPECT_TRUE(SpeechModel::load(config_of(folder, "int8")));
}

int threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

TEST(NativeEngine, MakesTheThreadsAndReplicasAskedFor) {
  ModelFolder folder;
  write_small_model(folder, {});
  auto config = config_of(folder, "int8");
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  config.num_workers = 3;
  config.cpu_threads = cores + 4;
  const int before = threads_of_this_process();
  const auto model = SpeechModel::load(config);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->info().replicas, 3);
  EXPECT_EQ(threads_of_this_process() - before, cores + 3);  // in addition to the caller
  config.num_workers = 0;
  const auto automatic = SpeechModel::load(config);
  ASSERT_TRUE(automatic);
  EXPECT_EQ((*automatic)->info().replicas, cores);
}

TEST(NativeEngine, NeedsNoHelpersWhereEachCallHasOneThread) {
  ModelFolder folder;
  write_small_model(folder, {});
  auto config = config_of(folder, "int8");
  config.cpu_threads = 1;
  config.num_workers = 3;
  const int before = threads_of_this_process();
  const auto model = SpeechModel::load(config);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(threads_of_this_process(), before);
}

}  // namespace
}  // namespace steno::asr
