// Any bytes as a tokenizer file of a model folder must give a usable tokenizer or an error that
// names the file. Must not crash. The first byte selects the file.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "pipeline/asr/model_config.h"
#include "pipeline/asr/tokenizer.h"

namespace {

using namespace steno;
using namespace steno::asr;

void require(bool condition) {
  if (!condition) std::abort();
}

/// A folder in memory if there is one, for speed.
std::string new_folder() {
  const bool memory = std::filesystem::is_directory("/dev/shm");
  std::string path = memory ? "/dev/shm/steno_fuzz_XXXXXX" : "/tmp/steno_fuzz_XXXXXX";
  require(mkdtemp(path.data()) != nullptr);
  return path;
}

struct Folder {
  ~Folder() { std::filesystem::remove_all(path); }
  const std::string path = new_folder();
};

void use(const Tokenizer& tokenizer) {
  for (const auto& [name, id] : tokenizer.special_tokens()) {
    require(id >= 0 && !name.empty());
  }
  const std::string text = " Don't go, 3 times \xE5\xA5\xBD <|en|>!";
  const auto tokens = tokenizer.encode(text);
  tokenizer.decode(tokens);
  for (const char* language : {"en", "zh"}) {
    tokenizer.sot_sequence(language, Task::transcribe);
    const auto split = tokenizer.split_to_word_tokens(tokens, language);
    require(split.words.size() == split.tokens.size());
  }
  tokenizer.non_speech_tokens();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  if (size == 0) return 0;
  constexpr const char* kNames[] = {"tokenizer.json", "vocabulary.json", "vocabulary.txt"};
  const std::string path = folder.path + "/" + kNames[data[0] % 3];
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data) + 1, static_cast<std::streamsize>(size - 1));
  const auto tokenizer = Tokenizer::load(folder.path, data[0] % 2 == 0);
  if (tokenizer) {
    require(tokenizer->file() == path);
    use(*tokenizer);
  } else {
    require(tokenizer.error().message.find(folder.path) != std::string::npos);
  }
  try {
    require(listed_tokens(folder.path).size() <= (1U << 20) + 1501);
  } catch (const std::runtime_error&) {
  }
  std::filesystem::remove(path);
  return 0;
}
