#include "pipeline/asr/ctranslate2/device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace steno::asr {
namespace {

EngineConfig on_cpu() {
  EngineConfig config;
  config.device = "cpu";
  return config;
}

TEST(Place, SharesTheCoresAmongReplicas) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  EngineConfig config = on_cpu();
  const auto plain = place(config);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->threads, 1);
  EXPECT_EQ(plain->replicas_per_device, cores);
  config.cpu_threads = 2;
  const auto wide = place(config);
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->threads, 2);
  EXPECT_EQ(wide->replicas_per_device, std::max(1, cores / 2));
}

TEST(Place, MakesAsManyReplicasAsAskedFor) {
  EngineConfig config = on_cpu();
  config.cpu_threads = 2;
  config.num_workers = 5;
  const auto placement = place(config);
  ASSERT_TRUE(placement) << placement.error().message;
  EXPECT_EQ(placement->threads, 2);
  EXPECT_EQ(placement->replicas_per_device, 5);
}

TEST(IsCudaFailure, DistinguishesTheGpuFromTheModel) {
  EXPECT_TRUE(is_cuda_failure("Library libcublas.so.12 is not found or cannot be loaded"));
  EXPECT_TRUE(is_cuda_failure("cuBLAS failed with status CUBLAS_STATUS_NOT_INITIALIZED"));
  EXPECT_TRUE(is_cuda_failure("CUDA failed with error out of memory"));
  EXPECT_TRUE(is_cuda_failure("trivial_device_copy failed: cudaErrorNoKernelImageForDevice: no"));
  EXPECT_FALSE(is_cuda_failure("File model.bin is incomplete: failed to read a buffer of size 4"));
}

}  // namespace
}  // namespace steno::asr
