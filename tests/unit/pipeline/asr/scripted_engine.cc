#include "unit/pipeline/asr/scripted_engine.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "test_paths.h"

namespace steno::asr {
namespace {

struct ScriptedWindow : Encoded {
  int frames = 0;
};

Tokenizer load_tokenizer(const std::string& name) {
  auto tokenizer = Tokenizer::load(std::string(STENO_MODELS) + "/" + name, name != "tiny.en");
  if (!tokenizer) throw std::runtime_error(tokenizer.error().message);
  return *tokenizer;
}

const Tokenizer& tokenizer_of(const std::string& name) {
  static std::map<std::string, Tokenizer> loaded;
  auto at = loaded.find(name);
  if (at == loaded.end()) at = loaded.emplace(name, load_tokenizer(name)).first;
  return at->second;
}

}  // namespace

std::vector<EncodedPtr> ScriptedEngine::encode(std::span<const Features> windows) {
  std::vector<EncodedPtr> result;
  for (const Features& window : windows) {
    auto made = std::make_shared<ScriptedWindow>();
    made->frames = window.frames;
    encoded.push_back(window.frames);
    result.push_back(std::move(made));
  }
  return result;
}

std::vector<Hypothesis> ScriptedEngine::generate(std::span<const EncodedPtr> windows,
                                                 std::span<const std::vector<int>> prompts,
                                                 const GenerateOptions& options, std::stop_token) {
  std::vector<Hypothesis> result;
  batches.push_back(windows.size());
  for (size_t i = 0; i < windows.size(); ++i) {
    const auto& window = dynamic_cast<const ScriptedWindow&>(*windows[i]);
    searches.push_back({prompts[i], window.frames, options});
    result.push_back(answer_(searches.back()));
  }
  return result;
}

std::vector<Alignment> ScriptedEngine::align(std::span<const EncodedPtr>,
                                             const std::vector<int>& start,
                                             std::span<const std::vector<int>> tokens,
                                             std::span<const int> frames) {
  aligned_after.push_back(start);
  std::vector<Alignment> result(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    const int count = static_cast<int>(tokens[i].size());
    if (alignment) {
      result[i] = alignment(count, frames[i]);
      continue;
    }
    for (int token = 0; token <= count; ++token) {
      result[i].path.emplace_back(token, token * (frames[i] / 2) / (count + 1));
    }
    result[i].token_probabilities.assign(count, 0.9f);
  }
  return result;
}

std::vector<std::map<int, float>> ScriptedEngine::detect_language(
    std::span<const EncodedPtr> windows) {
  std::vector<std::map<int, float>> result;
  for (size_t i = 0; i < windows.size(); ++i) {
    result.push_back(languages.at(std::min(languages_asked++, languages.size() - 1)));
    if (on_language) on_language();
  }
  return result;
}

ScriptedModel::ScriptedModel(ScriptedEngine::Answer answer, const std::string& name) {
  auto made = std::make_unique<ScriptedEngine>(std::move(answer));
  made->info_.multilingual = name != "tiny.en";
  engine = made.get();
  model = std::make_unique<SpeechModel>(std::move(made), tokenizer_of(name), FeatureExtractor(80));
}

Hypothesis ScriptedModel::say(const std::string& text, double avg_logprob,
                              double no_speech_prob) const {
  return {tokenizer().encode(text), avg_logprob, no_speech_prob};
}

std::vector<float> tone(double seconds) {
  std::vector<float> samples(static_cast<size_t>(seconds * kSampleRate));
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = 0.1f * static_cast<float>(std::sin(static_cast<double>(i) * 0.1));
  }
  return samples;
}

std::vector<float> recording(const std::string& name) {
  const std::string path = std::string(STENO_MODELS) + "/../speech/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("no recording " + path + ": run the set-up");
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const size_t data = bytes.find("data") + 8;  // 16 kHz mono of 16 bits, as they all are
  std::vector<float> samples((bytes.size() - data) / 2);
  for (size_t i = 0; i < samples.size(); ++i) {
    std::int16_t value;
    std::memcpy(&value, bytes.data() + data + 2 * i, 2);
    samples[i] = static_cast<float>(value) / 32768;
  }
  return samples;
}

SpeechModel& real_model(const std::string& name) {
  static std::map<std::string, std::shared_ptr<SpeechModel>> loaded;
  auto& model = loaded[name];
  if (!model) {
    EngineConfig config;
    config.model_folder = std::string(STENO_MODELS) + "/" + name;
    config.device = "cpu";
    config.num_workers = 1;
    auto made = SpeechModel::load(config);
    if (!made) throw std::runtime_error(made.error().message);
    model = *made;
  }
  return *model;
}

}  // namespace steno::asr
