#include "workers/worker_registry.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/id.h"

namespace steno {
namespace {

std::vector<std::string> names_of(WorkerRegistry& registry, WorkerState state) {
  std::vector<std::string> names;
  for (RegisteredWorker& worker : registry.list()) {
    if (worker.state == state) names.push_back(std::move(worker.description.name));
  }
  return names;
}

}  // namespace

std::string to_line(const WorkerDescription& description) {
  using Json = nlohmann::json;
  const Json json = {{"models", description.models},
                     {"device", description.device},
                     {"capacity", description.capacity}};
  // Folder names may be of any bytes.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

WorkerDescription parse_description(std::string_view name, std::string_view line) {
  WorkerDescription description;
  description.name = name;
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return description;
  if (const auto device = json.find("device"); device != json.end() && device->is_string()) {
    description.device = *device;
  }
  if (const auto capacity = json.find("capacity");
      capacity != json.end() && capacity->is_number_integer()) {
    description.capacity = *capacity;
  }
  if (const auto models = json.find("models"); models != json.end() && models->is_array()) {
    for (const auto& model : *models) {
      if (model.is_string()) description.models.push_back(model);
    }
  }
  return description;
}

std::string new_worker_name() { return new_id("worker-", SystemClock().now()); }

std::vector<std::string> living_workers(WorkerRegistry& registry) {
  return names_of(registry, WorkerState::alive);
}

std::vector<std::string> dead_workers(WorkerRegistry& registry) {
  return names_of(registry, WorkerState::dead);
}

}  // namespace steno
