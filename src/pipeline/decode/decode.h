#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace steno::decode {

/// Every decoded sample rate, in Hz: what Whisper and the voice activity model hear.
inline constexpr int kSampleRate = 16000;

/// Where the bytes of one recording come from, and the name that messages call it by.
struct Source {
  enum class Kind { file, standard_input, memory };

  Kind kind = Kind::file;
  std::string name;                  ///< the path as given, "standard input", or the caller's name
  std::span<const std::byte> bytes;  ///< memory only; must outlive the Decoder

  /// A file or a named pipe (`/dev/fd/63`).
  static Source file(std::string path);
  /// Descriptor 0. A pipe is read as it comes; only what cannot be read in order (an mp4 whose
  /// index is at its end, aiff, caf, avi) is first copied to an unlinked file in $TMPDIR, which
  /// the disk's free space bounds.
  static Source standard_input();
  /// Bytes that the caller holds.
  static Source memory(std::span<const std::byte> bytes, std::string name);
};

/// What of a recording is decoded.
struct DecodeOptions {
  int track = 0;  ///< which audio track, 0 = the first one
  Channels channels = Channels::mix;
  std::stop_token stop;  ///< ends a read that waits for a pipe
};

/// Turns any audio that FFmpeg reads into 16 kHz float32 samples in [-1, 1], half a second at a
/// time and in bounded memory. Not thread-safe; several can be used at once.
///
/// Mixing down weighs the channels as libswresample does for 16-bit output, so that the samples
/// are those of faster-whisper's `decode_audio` but for its rounding.
///
/// Time: sample N is at N / 16000 s of the recording as players count it. Audio that starts later
/// than the file's first track is preceded by silence; a hole in the time stamps of more than
/// 0.1 s is filled with silence; time stamps that jump backwards are ignored. mp4 and Matroska
/// count from their own zero if they start within a minute of it, all else from the first stamp.
///
/// Nothing but the source itself is ever opened: playlists and references to other files are
/// refused. FFmpeg's log does not reach standard error: the first open() of the process points
/// its log callback at a sink.
class Decoder {
 public:
  /// Opens the source and decodes its first samples. Errors, each of one line that names the
  /// source: not_found, io (unreadable, a folder), bad_audio (not audio, no such track, empty,
  /// encrypted, a playlist, too short), cancelled.
  static Result<std::unique_ptr<Decoder>> open(const Source& source,
                                               const DecodeOptions& options = {});
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// How many channels read() gives: 1 unless they were split.
  int channels() const;

  /// Seconds as the container says, which may be an estimate or wrong; none for a live pipe.
  std::optional<double> duration() const;

  /// The next samples, one vector per channel, all of one length: half a second, less at the end.
  /// False at the end, when `block` is empty. Damage does not fail: what can be read is given, and
  /// warnings() says up to where. Fails only with cancelled.
  Result<bool> read(std::vector<std::vector<float>>& block);

  /// One line each, naming the source; complete once read() has given false.
  const std::vector<std::string>& warnings() const;

 private:
  class Impl;
  explicit Decoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace steno::decode
