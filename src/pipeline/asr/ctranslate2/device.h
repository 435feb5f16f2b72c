#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/asr/engine.h"

namespace steno::asr {

/// GPUs that CUDA can use here; 0 where there is no driver.
int cuda_device_count();

/// Refuses indices that are none of `device`'s `count`, and one that is named twice.
Result<void> check_indices(const std::vector<int>& indices, int count, const std::string& device);

/// Whether CTranslate2's message says that the GPU or a library of CUDA failed, not the model.
bool is_cuda_failure(std::string_view message);

/// Where a CTranslate2 model runs: `device` is cpu or cuda, never auto; counts are at least 1.
struct Placement {
  std::string device;
  std::vector<int> device_index;
  std::string compute_type;  ///< one that every listed device supports, never default
  int replicas_per_device = 1;
  int threads = 1;  ///< of one replica
};

/// Checks device, indices and compute type against what this machine has; an error names what
/// would be right. Default compute type: int8 on a CPU, float16 (or what comes next) on a GPU.
Result<Placement> place(const EngineConfig& config);

}  // namespace steno::asr
