#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno::models {

/// A model that can be pulled by a short name.
struct CatalogueEntry {
  std::string name;       ///< "base"; where a model has none, owner/repo
  std::string repo;       ///< owner/repo on a Hugging Face compatible host
  std::string languages;  ///< "English", "99 languages"
  int megabytes = 0;      ///< to download, about
  std::string alias;      ///< a second name, or empty
};

/// All of them, smallest first. Names and repos are those of faster-whisper.
std::span<const CatalogueEntry> catalogue();

/// A model on this machine: a folder in faster-whisper's format.
struct Folder {
  std::string name;  ///< how it is asked for; the last part of the path for a folder from elsewhere
  std::string path;
};

/// What is in a model's folder.
struct Description {
  std::string languages;    ///< "English", "99 languages"
  std::uint64_t bytes = 0;  ///< of all its files
  bool has_int8 = false;    ///< `model.int8.bin` is there, or the weights are int8 anyway
  std::string repo;         ///< where it was pulled from, or empty
};

/// Opens the model's files and looks whether they are whole: weights of a Whisper model, a
/// vocabulary or tokenizer, JSON that can be read. The error names the file and what is wrong.
Result<Description> describe(const std::string& folder);

/// What prepare_for_cpu has done.
enum class Preparation { written, already_there, not_needed };

/// Stores int8 weights as `model.int8.bin` beside `model.bin`, unless they are there or
/// `model.bin` holds such weights itself. Whole or not at all; several at once are harmless.
Result<Preparation> prepare_for_cpu(const std::string& folder, const std::stop_token& stop = {});

/// How and from where a model is pulled.
struct PullOptions {
  std::string endpoint = "https://huggingface.co";  ///< a Hugging Face compatible host
  std::string token;                                ///< sent to that host only; may be empty
  std::string revision = "main";                    ///< branch, tag or commit
  int attempts = 6;                                 ///< in a row without a byte gained
  std::chrono::milliseconds first_wait{500};        ///< before the second attempt; then doubled
  std::chrono::seconds stall{30};                   ///< without a byte, a transfer is given up
};

/// How far a pull is. Bytes count all files, those of an earlier, interrupted pull too.
struct PullProgress {
  enum class Stage { asking, waiting, downloading, retrying, preparing };
  Stage stage = Stage::asking;
  std::string note;  ///< the file, or why it is retried
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0 while unknown
};
using PullSink = std::function<void(const PullProgress&)>;

/// A model that has been pulled, or that was there already.
struct Pulled {
  Folder folder;
  bool was_there = false;  ///< the very revision was installed; nothing was downloaded
};

/// The models of this machine: some folders that hold a folder per model (`base`,
/// `owner/repo`). Thread-safe; other processes may use the same folders.
class Library {
 public:
  /// `folders` are searched in this order; the first is made where pull needs it.
  explicit Library(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  /// Finds a model by name, by owner/repo or as a folder, in this order: `./base` is the folder
  /// where `base` is a name too. Fails with `not_found` (the message says how to get it) or
  /// `bad_model` (a folder that is none).
  Result<Folder> resolve(const std::string& name) const;

  /// All models in the folders, by name; where two folders hold one of the same name, the first.
  std::vector<Folder> installed() const;

  /// Takes an installed model away, by name or owner/repo; never a folder elsewhere.
  Result<Folder> remove(const std::string& name) const;

  /// Downloads a model by name or owner/repo into the first folder and prepares it for CPU use. It
  /// appears there whole or not at all; an interrupted pull continues where it ended. Every file
  /// is checked against the hash that the host gives. Blocks; ends within a second when `stop` is
  /// requested. Two pulls of one model wait for each other. `sink` is called from this thread.
  Result<Pulled> pull(const std::string& name, const PullOptions& options, const PullSink& sink,
                      const std::stop_token& stop) const;

  const std::vector<std::string>& folders() const { return folders_; }

 private:
  std::optional<Folder> find_installed(const std::string& name) const;

  std::vector<std::string> folders_;
};

}  // namespace steno::models
