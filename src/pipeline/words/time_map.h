#pragma once

#include <cstdint>
#include <vector>

#include "transcript/transcript.h"

namespace steno {

/// The part [begin, end) of a recording, in seconds.
struct TimeRange {
  double begin = 0;
  double end = 0;
  bool operator==(const TimeRange&) const = default;
};

/// Converts times in audio that was joined from pieces of a recording to times in the recording, as
/// faster-whisper's restore_speech_timestamps. But no word spans audio that was left out. Samples
/// are at 16 kHz.
class TimeMap {
 public:
  /// Adds the next piece: recording samples [start, start + length). Pieces come in order. A piece
  /// that follows the last one without a gap extends it.
  void add(int64_t start, int64_t length);

  /// The number of samples in all pieces.
  int64_t length() const { return length_; }
  bool empty() const { return pieces_.empty(); }
  /// The first sample of the pieces in the recording.
  int64_t start() const { return pieces_.front().start; }
  /// Whether a time is a begin or an end. At the seam of two pieces a begin lies in the later
  /// piece, an end in the earlier one.
  enum class Edge { start, end };
  /// Converts a time in the pieces to a time in the recording, in seconds.
  double to_recording(double seconds, Edge edge) const;

  /// The parts of the recording, in seconds, that [begin, end) of the pieces was taken from.
  std::vector<TimeRange> ranges(double begin, double end) const;

  /// Converts the times of a segment and its words. A word lies in one piece.
  void restore(Segment& segment) const;

  /// Forgets the pieces before `seconds`. Later calls use no smaller time.
  void forget_before(double seconds);

 private:
  struct Piece {
    int64_t from = 0;   // in the joined pieces
    int64_t start = 0;  // position in the recording
    int64_t length = 0;
  };
  const Piece& piece_at(double seconds) const;

  std::vector<Piece> pieces_;
  int64_t length_ = 0;
};

}  // namespace steno
