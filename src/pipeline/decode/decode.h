#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/range_reader.h"
#include "base/result.h"
#include "options/options.h"

// Decoding: from any recording to 16 kHz samples.
//
//     decode::Decoders decoders(sandbox);                  // runs decode_in_child()
//     auto decoder = decoders.open(decode::Source::file("talk.mp3")).value();
//     std::vector<std::vector<float>> block;              // one vector per channel
//     while (decoder->read(block).value()) use(block[0]);
//     for (const std::string& warning : decoder->warnings()) print(warning);

namespace steno::sandbox {
class Sandbox;
}

namespace steno::decode {

/// The sample rate of all decoded audio, in Hz. Whisper and the other models expect it.
inline constexpr int kSampleRate = 16000;

/// The bytes of one recording, and its name in messages.
struct Source {
  enum class Kind { file, standard_input, memory, ranges };

  Kind kind = Kind::file;
  std::string name;  ///< begins every message; never a path unless the caller passes one
  std::string path;  ///< of a file
  std::span<const std::byte> bytes;           ///< of memory; must outlive the Decoder
  std::shared_ptr<const RangeReader> reader;  ///< of ranges

  /// A file or a named pipe (`/dev/fd/63`), called by its path.
  static Source file(std::string path);
  /// The same with another name, for messages that must not contain the path.
  static Source file(std::string path, std::string name);
  /// Descriptor 0. A pipe is read in order. A format that cannot be read in order (aiff, caf, avi,
  /// an mp4 with its index at the end) is first copied to an unnamed file in $TMPDIR, which needs
  /// enough free space there.
  static Source standard_input();
  /// Bytes in memory.
  static Source memory(std::span<const std::byte> bytes, std::string name);
  /// Bytes that may be far away, such as a blob in a cloud. They are read ahead in large blocks, in
  /// at most 5 MiB of memory.
  static Source ranges(std::shared_ptr<const RangeReader> reader, std::string name);

  /// The path without its folders; empty if the source is no file.
  std::string file_name() const { return path.substr(path.rfind('/') + 1); }
};

/// The part of a recording that is decoded.
struct DecodeOptions {
  std::optional<int> track;  ///< number of the audio track, 0: the first; none: the default one
  Channels channels = Channels::mix;
  std::stop_token stop;  ///< ends a read that waits for a pipe
};

/// Audio as 16 kHz float32 samples in [-1, 1], half a second at a time and in bounded memory. Not
/// thread-safe; several decoders can be used at the same time.
///
/// Mixing down weights the channels as libswresample does for 16-bit output. The samples equal
/// those of faster-whisper's `decode_audio` except for its rounding.
///
/// Time: sample N is at N / 16000 s of the recording, as players show it. Silence precedes audio
/// that starts later than the file's first track. Silence fills a gap of more than 0.1 s in the
/// time stamps. Time stamps that jump backwards are ignored. mp4 and Matroska count from zero if
/// they start within a minute of it; other formats count from the first time stamp.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// The number of channels of each block: 1 unless the channels are split.
  virtual int channels() const = 0;

  /// The duration in seconds from the container. It may be an estimate or wrong; none for a pipe
  /// without a known end.
  virtual std::optional<double> duration() const = 0;

  /// Reads the next samples: one vector per channel, all of the same length, half a second or less
  /// at the end. False at the end; `block` is then empty. Damaged audio is no error: the decoder
  /// skips it and adds a warning. Errors: cancelled; io if the source cannot be read to its end, so
  /// that a failing store never looks like the end of the recording; bad_audio if decoding crashed
  /// or reached a limit; unavailable if it was ended from outside.
  virtual Result<bool> read(std::vector<std::vector<float>>& block) = 0;

  /// One line each, which begins with the source's name. Complete once read() has returned false.
  virtual const std::vector<std::string>& warnings() const = 0;
};

/// Decodes any audio that FFmpeg reads, each recording in a child of a sandbox. This process reads
/// the source and gives the child the bytes that it asks for. Thread-safe.
///
/// Only audio is decoded, and only the source itself is opened: playlists and references to other
/// files are refused. A recording may have 512 tracks, 64 of them audio, and its decoding may take
/// 256 MB of memory (a recording over 256 MB also a quarter of its size, at most 1 GB in all) and 8
/// s of processor time between two results.
class Decoders {
 public:
  /// Gets one line, without the source's name, for each child that crashed, reached a limit or was
  /// killed. Called in the thread that reads.
  using OnFault = std::function<void(const std::string& fault)>;

  /// `sandbox` runs decode_in_child() and outlives all decoders.
  explicit Decoders(const sandbox::Sandbox& sandbox, OnFault on_fault = {});

  /// The same decoders with another receiver of faults.
  Decoders reporting(OnFault on_fault) const { return Decoders(sandbox_, std::move(on_fault)); }

  /// Opens the source and decodes its first samples. Each error is one line that begins with the
  /// source's name: not_found, io (unreadable, a folder), bad_audio (not audio, no such track,
  /// empty, encrypted, a playlist, too short, beyond a limit), unavailable (no process), cancelled.
  Result<std::unique_ptr<Decoder>> open(const Source& source,
                                        const DecodeOptions& options = {}) const;

 private:
  const sandbox::Sandbox& sandbox_;
  OnFault on_fault_;
};

/// The work of the helper process before it forks: it makes FFmpeg's tables.
void prepare_decoding();

/// The task of the sandbox: decodes one recording for a Decoder at the other end of `channel`.
void decode_in_child(int channel);

}  // namespace steno::decode
