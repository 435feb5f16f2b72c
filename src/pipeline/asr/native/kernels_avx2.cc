#if defined(__AVX2__)
#define STENO_KERNELS_NAME "avx2"
#include "pipeline/asr/native/kernels_impl.h"
#else
#include "pipeline/asr/native/kernels.h"
#endif

namespace steno::asr::native {

const Kernels* avx2_kernels() {
#if defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kKernels : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace steno::asr::native
