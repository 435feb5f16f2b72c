#include "pipeline/asr/ctranslate2/device.h"

#include <ctranslate2/devices.h>
#include <ctranslate2/types.h>
#include <sched.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace steno::asr {
namespace {

constexpr const char* kComputeTypes[] = {"int8",  "int8_float32", "int8_float16", "int8_bfloat16",
                                         "int16", "float16",      "bfloat16",     "float32"};

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

bool supports(ctranslate2::Device device, int index, const std::string& compute_type) {
  try {
    // The result does not depend on the saved type, except for plain int8, whose float part is
    // free.
    ctranslate2::resolve_compute_type(ctranslate2::str_to_compute_type(compute_type),
                                      ctranslate2::ComputeType::FLOAT32, device, index, false);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

std::vector<std::string> supported_types(ctranslate2::Device device,
                                         const std::vector<int>& indices) {
  std::vector<std::string> types;
  for (const std::string type : kComputeTypes) {
    if (std::all_of(indices.begin(), indices.end(),
                    [&](int index) { return supports(device, index, type); })) {
      types.push_back(type);
    }
  }
  return types;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Result<std::string> choose_compute_type(const std::string& asked, ctranslate2::Device device,
                                        const std::vector<int>& indices) {
  const auto types = supported_types(device, indices);
  const auto has = [&](const std::string& type) {
    return std::find(types.begin(), types.end(), type) != types.end();
  };
  if (asked == "default" || asked == "auto" || asked.empty()) {
    const bool on_cpu = device == ctranslate2::Device::CPU;
    for (const std::string type : {on_cpu ? "int8" : "float16", "int8_float32", "float32"}) {
      if (has(type)) return type;
    }
  }
  const std::string type = asked == "float" ? "float32" : asked;
  if (has(type)) return type;
  const bool known = std::find(std::begin(kComputeTypes), std::end(kComputeTypes), type) !=
                     std::end(kComputeTypes);
  const std::string where = ctranslate2::device_to_str(device);
  return fail(Errc::invalid_argument,
              (known ? "compute_type " + asked + " does not run on this " + where
                     : "no compute_type " + asked) +
                  "; this " + where + " has default, " + join(types));
}

}  // namespace

int cuda_device_count() {
  try {
    return ctranslate2::get_device_count(ctranslate2::Device::CUDA);
  } catch (const std::exception&) {
    return 0;  // the library was built without CUDA
  }
}

bool is_cuda_failure(std::string_view message) {
  // "Library libcublas.so.12 is not found", "cuBLAS failed with status", "CUDA failed with error"
  // and Thrust's "after reduction step 1: cudaErrorNoKernelImageForDevice".
  constexpr std::string_view kSigns[] = {"libcu", "cublas", "cudnn", "cuda failed", "cudaerror"};
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::any_of(std::begin(kSigns), std::end(kSigns), [&](std::string_view sign) {
    return std::search(message.begin(), message.end(), sign.begin(), sign.end(), same) !=
           message.end();
  });
}

Result<void> check_indices(const std::vector<int>& indices, int count, const std::string& device) {
  if (indices.empty()) return fail(Errc::invalid_argument, "device_index is empty");
  std::set<int> seen;
  for (const int index : indices) {
    if (index < 0 || index >= count) {
      return fail(Errc::invalid_argument,
                  "device_index " + std::to_string(index) + ": " + device + " has " +
                      (count == 1 ? "only index 0" : "0 to " + std::to_string(count - 1)));
    }
    if (!seen.insert(index).second) {
      return fail(Errc::invalid_argument, "device_index " + std::to_string(index) +
                                              " is named twice; num_workers makes more replicas");
    }
  }
  return {};
}

Result<Placement> place(const EngineConfig& config) {
  Placement placement;
  const int gpus = config.device == "cpu" ? 0 : cuda_device_count();
  placement.device = config.device == "auto" ? (gpus > 0 ? "cuda" : "cpu") : config.device;
  if (placement.device != "cpu" && placement.device != "cuda") {
    return fail(Errc::invalid_argument,
                "no device " + config.device + "; there are auto, cpu, cuda");
  }
  const bool on_gpu = placement.device == "cuda";
  if (on_gpu && gpus == 0) {
    return fail(Errc::unavailable,
                "device cuda: no NVIDIA GPU that CUDA can use on this machine; use device cpu");
  }
  if (config.cpu_threads < 0) return fail(Errc::invalid_argument, "cpu_threads must be 0 or more");
  if (config.num_workers < 0) return fail(Errc::invalid_argument, "num_workers must be 0 or more");
  if (auto ok = check_indices(config.device_index, on_gpu ? gpus : 1, placement.device); !ok) {
    return tl::unexpected(ok.error());
  }
  placement.device_index = config.device_index;
  const auto device = on_gpu ? ctranslate2::Device::CUDA : ctranslate2::Device::CPU;
  auto type = choose_compute_type(config.compute_type, device, placement.device_index);
  if (!type) return tl::unexpected(type.error());
  placement.compute_type = *type;
  placement.threads = std::max(1, config.cpu_threads);
  const int automatic = on_gpu ? 1 : std::max(1, usable_cores() / placement.threads);
  placement.replicas_per_device = config.num_workers > 0 ? config.num_workers : automatic;
  return placement;
}

}  // namespace steno::asr
