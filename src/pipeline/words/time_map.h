#pragma once

#include <cstdint>
#include <vector>

#include "transcript/transcript.h"

namespace steno {

/// From the time in audio that was put together from pieces of a recording back to the recording's
/// own time, as faster-whisper's restore_speech_timestamps does it, but never over audio that was
/// left out. Samples at 16 kHz.
class TimeMap {
 public:
  /// The next piece: recording samples [start, start + length). Pieces come in order; one that
  /// follows the last one without a gap is joined to it.
  void add(int64_t start, int64_t length);

  /// Samples of all pieces.
  int64_t length() const { return length_; }
  bool empty() const { return pieces_.empty(); }
  /// The recording's sample that the pieces begin with.
  int64_t start() const { return pieces_.front().start; }
  /// Whether a time begins or ends something: at the seam of two pieces a begin is in the later
  /// one, an end in the earlier one.
  enum class Edge { start, end };
  /// The recording's time, in seconds, of a time in the pieces.
  double to_recording(double seconds, Edge edge) const;

  /// Moves the segment's times, and its words', into the recording. A word lies in one piece.
  void restore(Segment& segment) const;

  /// Forgets what lies before `seconds` of the pieces; no smaller time is asked for again.
  void forget_before(double seconds);

 private:
  struct Piece {
    int64_t from = 0;   // in the pieces put together
    int64_t start = 0;  // in the recording
    int64_t length = 0;
  };
  const Piece& piece_at(double seconds) const;

  std::vector<Piece> pieces_;
  int64_t length_ = 0;
};

}  // namespace steno
