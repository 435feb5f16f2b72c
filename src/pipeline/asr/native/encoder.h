#pragma once

#include <vector>

#include "pipeline/asr/engine.h"
#include "pipeline/asr/native/thread_team.h"
#include "pipeline/asr/native/weights.h"

namespace steno::asr::native {

/// The encoder's output for one window: the cross-attention keys and values of each layer and head,
/// [layer * heads + head].
class EncodedWindow : public Encoded {
 public:
  int positions = 0;  ///< 50 per second
  std::vector<HeadCache> heads;
};

/// Runs the encoder on one window of at most 3000 frames, on up to `threads` threads of `team`.
/// Throws std::invalid_argument if the features do not fit the model.
std::shared_ptr<const EncodedWindow> encode(const Kernels& kernels, const Weights& weights,
                                            const Features& features, ThreadTeam& team,
                                            int threads);

}  // namespace steno::asr::native
