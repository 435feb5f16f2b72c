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
  std::string name;       ///< such as "base"; owner/repo if the model has no name
  std::string repo;       ///< owner/repo on a host compatible with Hugging Face
  std::string languages;  ///< "English", "99 languages"
  int megabytes = 0;      ///< approximate download size
  std::string alias;      ///< a second name, or empty
};

/// The whole catalogue, smallest first. Names and repos are those of faster-whisper.
std::span<const CatalogueEntry> catalogue();

/// A model on this machine: a folder in faster-whisper's format.
struct Folder {
  std::string name;  ///< the name to request it by; for other folders the last part of the path
  std::string path;
};

/// The content of a model's folder.
struct Description {
  std::string languages;    ///< "English", "99 languages"
  std::uint64_t bytes = 0;  ///< of all its files
  bool has_int8 = false;    ///< `model.int8.bin` exists, or the weights are int8 already
  std::string repo;         ///< where it was pulled from; may be empty
};

/// Opens the model's files and checks that they are complete: weights of a Whisper model, a
/// vocabulary or tokenizer, valid JSON. The error names the file and the problem.
Result<Description> describe(const std::string& folder);

/// The result of prepare_for_cpu.
enum class Preparation { written, already_there, not_needed };

/// Stores int8 weights as `model.int8.bin` next to `model.bin`, unless they exist or `model.bin`
/// has int8 weights itself. Written completely or not at all. Concurrent calls are harmless.
Result<Preparation> prepare_for_cpu(const std::string& folder, const std::stop_token& stop = {});

/// The source of a pull and its limits.
struct PullOptions {
  std::string endpoint = "https://huggingface.co";  ///< a host compatible with Hugging Face
  std::string token;                                ///< sent to that host only; may be empty
  std::string revision = "main";                    ///< branch, tag or commit
  int attempts = 6;                                 ///< consecutive attempts without a new byte
  std::chrono::milliseconds first_wait{500};        ///< before the second attempt; then doubled
  std::chrono::seconds stall{30};  ///< a transfer without a byte for this time is abandoned
};

/// The progress of a pull. Bytes count all files, including those of an earlier, interrupted pull.
struct PullProgress {
  enum class Stage { asking, waiting, downloading, retrying, preparing };
  Stage stage = Stage::asking;
  std::string note;  ///< the file, or the reason for a retry
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0 if unknown
};
using PullSink = std::function<void(const PullProgress&)>;

/// A model that was pulled or was already installed.
struct Pulled {
  Folder folder;
  bool was_there = false;  ///< exactly this revision was installed; nothing was downloaded
};

/// The models on this machine, in folders that contain one folder per model (`base`, `owner/repo`).
/// Thread-safe. Other processes may use the same folders.
///
///     const Library library({"/var/lib/steno/models"});
///     const auto folder = library.resolve("base");  // Result
class Library {
 public:
  /// `folders` are searched in order. pull() creates the first one if needed.
  explicit Library(std::vector<std::string> folders) : folders_(std::move(folders)) {}

  /// Finds a model by name, by owner/repo or as a folder, in this order. `./base` is the folder
  /// even if `base` is also a name. Fails with `not_found` (the message explains how to get the
  /// model) or `bad_model` (a folder without a model).
  Result<Folder> resolve(const std::string& name) const;

  /// All models in the folders, sorted by name. If two folders contain the same name, the first one
  /// counts.
  std::vector<Folder> installed() const;

  /// Removes an installed model by name or owner/repo. Never removes other folders.
  Result<Folder> remove(const std::string& name) const;

  /// Downloads a model by name or owner/repo into the first folder and prepares it for CPUs. It is
  /// installed completely or not at all. An interrupted pull continues where it ended. Every file
  /// is verified with the host's hash. Blocks; ends within a second after `stop` is requested. Two
  /// pulls of one model wait for each other. `sink` is called from this thread.
  Result<Pulled> pull(const std::string& name, const PullOptions& options, const PullSink& sink,
                      const std::stop_token& stop) const;

  const std::vector<std::string>& folders() const { return folders_; }

 private:
  std::optional<Folder> find_installed(const std::string& name) const;

  std::vector<std::string> folders_;
};

}  // namespace steno::models
