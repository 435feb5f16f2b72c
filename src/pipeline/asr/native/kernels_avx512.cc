#if defined(__AVX512VNNI__)
#define STENO_KERNELS_NAME "avx512_vnni"
#include "pipeline/asr/native/kernels_impl.h"
#else
#include "pipeline/asr/native/kernels.h"
#endif

namespace steno::asr::native {

const Kernels* avx512_kernels() {
#if defined(__AVX512VNNI__)
  const bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512vnni");
  return supported ? &kKernels : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace steno::asr::native
