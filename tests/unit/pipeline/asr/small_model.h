#pragma once

#include <filesystem>
#include <string>

namespace steno::asr {

/// The sizes of a generated Whisper model: large-v3's shape with tiny layers.
struct SmallModel {
  int mels = 128;
  int width = 32;
  int heads = 2;
  int inner = 64;
  int layers = 2;  ///< of the encoder and of the decoder
  int vocabulary = 51866;
  int audio_positions = 1500;
  int text_positions = 448;
};

/// The bytes of a model.bin of that shape. The weights are always the same random numbers.
std::string small_model_bytes(const SmallModel& model);

/// A temporary model folder, removed with the object.
class ModelFolder {
 public:
  ModelFolder();
  ~ModelFolder();
  ModelFolder(const ModelFolder&) = delete;
  ModelFolder& operator=(const ModelFolder&) = delete;

  std::string path() const { return path_.string(); }
  void write(const std::string& name, const std::string& content) const;
  /// Adds a file of a model of set-up.
  void link(const std::string& model, const std::string& name) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

/// A folder with a small model of large-v3's vocabulary: `base`'s with <|yue|> added. It has no
/// config.json.
void write_small_model(const ModelFolder& folder, const SmallModel& model);

}  // namespace steno::asr
