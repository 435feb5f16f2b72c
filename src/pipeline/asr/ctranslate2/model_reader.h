#pragma once

#include <ctranslate2/models/model_reader.h>

#include <string>
#include <unordered_map>

namespace steno::asr {

/// The files of a model folder as CTranslate2 wants them: what a converter left out of the folder
/// (the vocabulary, where only tokenizer.json is there; ids and alignment heads in config.json)
/// is filled in, and what the model cannot have (an id above its vocabulary) is refused. Throws
/// std::runtime_error with one line when the folder cannot give them.
class FolderReader : public ctranslate2::models::ModelFileReader {
 public:
  /// `weights` is the path of the file to give as model.bin.
  FolderReader(const std::string& folder, std::string weights);

  std::unique_ptr<std::istream> get_file(const std::string& filename, bool binary = false) override;

 private:
  std::string weights_;
  std::unordered_map<std::string, std::string> made_;  ///< file name -> content
};

}  // namespace steno::asr
