#pragma once

namespace steno {

/// One speaker's voice without a longer pause. Turns of a recording come in the order of their
/// start; those of different speakers may overlap, those of one speaker do not.
struct Turn {
  double start = 0;  ///< seconds from the start of the recording
  double end = 0;    ///< not before `start`
  int speaker = 0;   ///< from 0, in the order in which the speakers are first heard
};

}  // namespace steno
