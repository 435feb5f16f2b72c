#include "worker/model_cache.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <utility>

namespace steno {
namespace {

/// The size of the weights. An engine on a CPU loads int8 weights if they exist.
std::uint64_t bytes_of(const std::string& folder, const std::string& device) {
  std::uint64_t least = 0;
  for (const char* name : {"model.bin", "model.int8.bin"}) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(std::filesystem::path(folder) / name, missing);
    if (missing) continue;
    if (least == 0 || (device != "cuda" && size < least)) least = size;
  }
  return least;
}

asr::EngineConfig config_of(const DeviceOptions& device, const std::string& folder) {
  asr::EngineConfig config;
  config.model_folder = folder;
  config.device = device.device;
  config.device_index = device.device_index;
  config.compute_type = device.compute_type;
  config.cpu_threads = device.cpu_threads;
  config.num_workers = device.num_workers;
  return config;
}

}  // namespace

/// Lends a pipeline to one job and returns it to the cache.
class ModelCache::Use {
 public:
  Use(ModelCache& cache, std::string folder) : cache_(cache), folder_(std::move(folder)) {}
  ~Use() {
    const bool is_loaded = pipeline != nullptr;
    pipeline.reset();
    cache_.leave(folder_, is_loaded);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  std::shared_ptr<Pipeline> pipeline;

 private:
  ModelCache& cache_;
  const std::string folder_;
};

std::string to_lines(const std::vector<CachedModel>& models) {
  std::string lines;
  for (const CachedModel& model : models) {
    lines += std::to_string(model.bytes) + " " + model.name + "\n";
  }
  return lines;
}

std::vector<CachedModel> parse_models(const std::string& lines) {
  std::vector<CachedModel> models;
  std::istringstream in(lines);
  CachedModel model;
  // A line without line feed is incomplete.
  while (in >> model.bytes && in.ignore() && std::getline(in, model.name) && !in.eof()) {
    models.push_back(model);
  }
  return models;
}

ModelCache::ModelCache(models::Library library, DeviceOptions device, std::uint64_t budget,
                       SpeechModels::Load load)
    : library_(std::move(library)),
      device_(std::move(device)),
      budget_(budget),
      models_(std::move(load)) {}

ModelCache::ModelCache(models::Library library, DeviceOptions device, std::uint64_t budget,
                       std::string vad_file)
    : library_(std::move(library)),
      device_(std::move(device)),
      budget_(budget),
      models_(std::move(vad_file)) {}

Result<std::shared_ptr<Pipeline>> ModelCache::get(const std::string& name,
                                                  const std::stop_token& stop) {
  const auto folder = library_.resolve(name);
  if (!folder) return tl::unexpected(folder.error());
  if (auto entered = enter(*folder, stop); !entered) return tl::unexpected(entered.error());
  auto use = std::make_shared<Use>(*this, folder->path);
  auto pipeline = models_.get(config_of(device_, folder->path));
  if (!pipeline) return tl::unexpected(pipeline.error());
  use->pipeline = *std::move(pipeline);
  Pipeline* const used = use->pipeline.get();
  return std::shared_ptr<Pipeline>(std::move(use), used);
}

Result<void> ModelCache::enter(const models::Folder& folder, const std::stop_token& stop) {
  const std::uint64_t bytes = bytes_of(folder.path, device_.device);
  const MutexLock lock(mutex_);
  const auto turn = waiting_.insert(waiting_.end(), ++arrivals_);
  const auto may_enter = [&]() REQUIRES(mutex_) {
    if (turn != waiting_.begin()) return false;
    if (entries_.contains(folder.path)) return true;
    while (!has_room_for(bytes)) {
      if (!evict_one()) return false;
    }
    return true;
  };
  const bool may = changed_.wait(mutex_, stop, may_enter);
  waiting_.erase(turn);
  changed_.notify_all();
  if (!may) {
    return fail(Errc::cancelled, "cancelled while waiting for room for model " + folder.name);
  }
  Entry& entry = entries_[folder.path];
  entry.model.name = folder.name;
  entry.model.bytes = bytes;
  ++entry.model.users;
  entry.last_used = ++uses_;
  return {};
}

void ModelCache::leave(const std::string& folder, bool is_loaded) {
  {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(folder);
    --found->second.model.users;
    if (!is_loaded && found->second.model.users == 0) entries_.erase(found);
  }
  changed_.notify_all();
}

bool ModelCache::evict_one() {
  auto oldest = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->second.model.users > 0) continue;
    if (oldest == entries_.end() || entry->second.last_used < oldest->second.last_used) {
      oldest = entry;
    }
  }
  if (oldest == entries_.end()) return false;
  models_.unload(oldest->first);
  entries_.erase(oldest);
  return true;
}

bool ModelCache::has_room_for(std::uint64_t bytes) const {
  if (budget_ == 0 || entries_.empty()) return true;
  std::uint64_t used = bytes;
  for (const auto& [folder, entry] : entries_) used += entry.model.bytes;
  return used <= budget_;
}

std::vector<CachedModel> ModelCache::loaded() const {
  std::vector<CachedModel> all;
  {
    const MutexLock lock(mutex_);
    for (const auto& [folder, entry] : entries_) all.push_back(entry.model);
  }
  std::ranges::sort(all, {}, &CachedModel::name);
  return all;
}

}  // namespace steno
