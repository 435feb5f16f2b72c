#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/models.h"
#include "options/options.h"
#include "pipeline/pipeline.h"
#include "pipeline/speech_models.h"

namespace steno {

/// A model in memory.
struct CachedModel {
  std::string name;
  std::uint64_t bytes = 0;  ///< estimated: those of its weights' file
  int users = 0;            ///< jobs that it works for now
};

/// A line for each, and what was said in such lines; a line that cannot be read is left out.
std::string to_lines(const std::vector<CachedModel>& models);
std::vector<CachedModel> parse_models(const std::string& lines);

/// The models of a worker: each loaded once, by the first job that asks for it, and kept for the
/// next, within a budget of memory. Room for another is made of those that no job uses, least
/// recently used first; while there is none, who asks waits, and who comes then waits behind, also
/// for a model that is loaded: so each gets its turn. A model that is larger than the budget is
/// loaded when no other is. To warm one, get it and let it go. Thread-safe.
class ModelCache {
 public:
  /// `budget` in bytes; 0: no limit.
  ModelCache(models::Library library, DeviceOptions device, std::uint64_t budget,
             SpeechModels::Load load);
  /// `vad_file`: see SpeechModels.
  ModelCache(models::Library library, DeviceOptions device, std::uint64_t budget,
             std::string vad_file);

  /// The model of that name or folder (models::Library::resolve). It counts as used as long as what
  /// is returned lives, which the cache must outlive. Blocks while it is loaded or waits for room;
  /// the latter ends with `cancelled` when `stop` is requested. Errors may name paths
  /// of this machine: they are for the log, not for clients.
  Result<std::shared_ptr<Pipeline>> get(const std::string& name, const std::stop_token& stop);
  /// In the order of their names.
  std::vector<CachedModel> loaded() const;

 private:
  struct Entry {
    CachedModel model;
    std::int64_t last_used = 0;
  };
  class Use;

  /// Counts a user of the folder's model, with room made for it if it is new.
  Result<void> enter(const models::Folder& folder, const std::stop_token& stop);
  void leave(const std::string& folder, bool is_loaded);
  /// Takes the idle model away that was used longest ago; false when there is none.
  bool evict_one();
  bool has_room_for(std::uint64_t bytes) const;

  const models::Library library_;
  const DeviceOptions device_;
  const std::uint64_t budget_;
  SpeechModels models_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Entry> entries_;  // by folder
  std::int64_t uses_ = 0;
  std::list<std::int64_t> waiting_;  // in order of arrival
  std::int64_t arrivals_ = 0;
};

}  // namespace steno
