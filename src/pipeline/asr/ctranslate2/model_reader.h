#pragma once

#include <ctranslate2/models/model_reader.h>

#include <string>
#include <unordered_map>

namespace steno::asr {

/// Supplies the files of a model folder in the form that CTranslate2 needs. Adds what a converter
/// left out: the vocabulary if there is only tokenizer.json, and ids and alignment heads in
/// config.json. Refuses ids above the model's vocabulary. Throws std::runtime_error with a one-line
/// message if the folder is incomplete.
class FolderReader : public ctranslate2::models::ModelFileReader {
 public:
  /// `weights` is the path of the file that is read as model.bin.
  FolderReader(const std::string& folder, std::string weights);

  std::unique_ptr<std::istream> get_file(const std::string& filename, bool binary = false) override;

 private:
  std::string weights_;
  std::unordered_map<std::string, std::string> made_;  ///< file name -> content
};

}  // namespace steno::asr
