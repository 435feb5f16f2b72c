#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "unit/base/temporary_folder.h"
#include "workers/worker_registry.h"

// The promises of every worker registry. An implementation joins by a line in
// registry_backends_test.cc.

namespace steno {

/// One registry, as several processes see it.
class RegistryWorld {
 public:
  virtual ~RegistryWorld() = default;
  /// The registry as one more process sees it. Lives as long as the world.
  virtual WorkerRegistry& open() = 0;
  /// Registers a worker in a process that is then killed.
  virtual void add_killed_worker(const WorkerDescription& description,
                                 const std::string& report) = 0;
};

struct RegistryBackend {
  std::string name;
  std::function<std::unique_ptr<RegistryWorld>()> make;
};

inline void PrintTo(const RegistryBackend& backend, std::ostream* out) { *out << backend.name; }

class RegistryContract : public testing::TestWithParam<RegistryBackend> {
 protected:
  static WorkerDescription worker(const std::string& name) {
    WorkerDescription description;
    description.name = name;
    description.models = {"base", "tiny \"en\""};
    description.device = "cpu";
    description.capacity = 16;
    return description;
  }

  std::unique_ptr<RegistryWorld> world_ = GetParam().make();
  WorkerRegistry& registry_ = world_->open();
};

}  // namespace steno
