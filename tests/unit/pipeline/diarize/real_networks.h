#pragma once

#include <memory>

#include "pipeline/diarize/networks.h"
#include "test_paths.h"

namespace steno::diarize {

/// Those of the set-up, loaded once.
inline const std::shared_ptr<const Networks>& real_networks() {
  static const auto networks = Networks::load(STENO_MODELS "/diarization").value();
  return networks;
}

}  // namespace steno::diarize
