#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/asr/engine.h"

namespace steno::asr {

/// The number of GPUs that CUDA can use; 0 without a driver.
int cuda_device_count();

/// Fails for an index that `device` does not have (it has `count`), and for a repeated index.
Result<void> check_indices(const std::vector<int>& indices, int count, const std::string& device);

/// Whether CTranslate2's message reports a failure of the GPU or of a CUDA library, not of the
/// model.
bool is_cuda_failure(std::string_view message);

/// Where a CTranslate2 model runs. `device` is cpu or cuda, never auto. Counts are at least 1.
struct Placement {
  std::string device;
  std::vector<int> device_index;
  std::string compute_type;  ///< supported by every listed device; never default
  int replicas_per_device = 1;
  int threads = 1;  ///< threads of one replica
};

/// Checks device, indices and compute type against this machine. The error names the valid values.
/// The default compute type is int8 on a CPU, and float16 (or the next supported type) on a GPU.
Result<Placement> place(const EngineConfig& config);

}  // namespace steno::asr
