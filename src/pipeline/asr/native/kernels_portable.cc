#define STENO_KERNELS_NAME "portable"
#include "pipeline/asr/native/kernels_impl.h"

namespace steno::asr::native {

const Kernels* portable_kernels() { return &kKernels; }

const Kernels& best_kernels() {
  if (const Kernels* kernels = avx512_kernels()) return *kernels;
  if (const Kernels* kernels = avx2_kernels()) return *kernels;
  return *portable_kernels();
}

}  // namespace steno::asr::native
