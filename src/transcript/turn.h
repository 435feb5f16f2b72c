#pragma once

namespace steno {

/// An interval during which one speaker talks without a long pause. Turns of a recording are in
/// order of their start. Turns of different speakers may overlap, those of one speaker do not.
struct Turn {
  double start = 0;  ///< seconds from the start of the recording
  double end = 0;    ///< not before `start`
  int speaker = 0;   ///< from 0, in order of the first turn
};

}  // namespace steno
