#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "models/models.h"
#include "options/options.h"
#include "pipeline/pipeline.h"
#include "pipeline/speech_models.h"

namespace steno {

/// A loaded model.
struct CachedModel {
  std::string name;
  std::uint64_t bytes = 0;  ///< estimated from the size of its weights' file
  int users = 0;            ///< jobs that use it now
};

/// Formats one line per model, and parses such lines. Invalid lines are skipped.
std::string to_lines(const std::vector<CachedModel>& models);
std::vector<CachedModel> parse_models(const std::string& lines);

/// The models of a worker. Each is loaded once, by the first job that needs it, and kept within a
/// memory budget. If there is not enough space, idle models are unloaded, the least recently used
/// first. If that is not sufficient, callers wait in first-come order. A caller that arrives while
/// others wait joins the end of the line even if its model is already loaded. A model larger than
/// the budget is loaded if no other model is. To warm a model, get it and release it. Thread-safe.
///
///     const auto pipeline = cache.get("base", stop);  // Result; in use until it is destroyed
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
  /// Sorted by name.
  std::vector<CachedModel> loaded() const;

 private:
  struct Entry {
    CachedModel model;
    std::int64_t last_used = 0;
  };
  class Use;

  /// Counts a user of the folder's model. Frees space for it first if it is not loaded.
  Result<void> enter(const models::Folder& folder, const std::stop_token& stop);
  void leave(const std::string& folder, bool is_loaded);
  /// Unloads the least recently used idle model. Returns false if there is none.
  bool evict_one() REQUIRES(mutex_);
  bool has_room_for(std::uint64_t bytes) const REQUIRES(mutex_);

  const models::Library library_;
  const DeviceOptions device_;
  const std::uint64_t budget_;
  SpeechModels models_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Entry> entries_ GUARDED_BY(mutex_);  // by folder
  std::int64_t uses_ GUARDED_BY(mutex_) = 0;
  std::list<std::int64_t> waiting_ GUARDED_BY(mutex_);  // in order of arrival
  std::int64_t arrivals_ GUARDED_BY(mutex_) = 0;
};

}  // namespace steno
