#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/decode/behind_end.h"
#include "pipeline/decode/ffmpeg.h"
#include "pipeline/decode/input.h"

namespace steno::decode {

/// memory_limit(size) for messages: "256 MB".
std::string memory_text(std::int64_t size);

/// A source opened as a container by FFmpeg, with one audio track selected. Returns the packets of
/// that track. Reads nothing but its input, and opens no decoders but those of audio. Not
/// thread-safe.
class Container {
 public:
  /// `file_name` is that of a file, else empty: FFmpeg recognises some formats by its end.
  /// `track`: see choose_track(). Errors: bad_audio, io, cancelled; the message begins with `name`.
  static Result<std::unique_ptr<Container>> open(const std::string& name,
                                                 const std::string& file_name,
                                                 std::unique_ptr<Input> input,
                                                 std::optional<int> track, std::stop_token stop);
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  /// Reads the next packet of the track. Returns 0 or FFmpeg's error code, AVERROR_EOF at the end.
  /// After a failure of the input the code is arbitrary: see input_failure().
  int read(AVPacket& packet);
  /// The error (io) of the first read of the input that failed, if there was one.
  std::optional<Error> input_failure(const std::string& name) const;

  const AVStream& stream() const { return *stream_; }
  const AVCodec& codec() const { return *codec_; }
  /// The end of the track in seconds from origin(), from the container or estimated by FFmpeg.
  std::optional<double> duration() const;
  /// duration(), if a header states it for this very track.
  std::optional<double> promised_duration() const;
  /// Whether the file is cut off, according to its last bytes and to `log`, FFmpeg's messages while
  /// it read them. Call it last: afterwards no packet can be read.
  bool is_cut_off(const std::string& log);
  /// The time stamp, in seconds, that counts as zero; none when the first one does.
  std::optional<double> origin() const;
  /// The size of the source in bytes, -1 if it is not known.
  std::int64_t size() const;
  /// Bytes read so far. Bytes that are read twice count twice.
  std::int64_t bytes_read() const;
  /// Makes all reads fail with AVERROR_EXIT once bytes_read() exceeds `limit`.
  void limit_bytes_read(std::int64_t limit);
  /// Warnings about the container, for the user.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Whether the container marks packets that are incomplete.
  bool marks_damage() const;

 private:
  struct Io;
  explicit Container(std::unique_ptr<Io> io);
  Result<void> probe(const std::string& name, const std::string& file_name);
  Result<void> check_track_count(const std::string& name) const;
  bool has_too_many_tracks() const;
  void note_behind_end(const std::string& name, Behind behind);
  Result<void> choose(const std::string& name, std::optional<int> track);
  bool knows_track_duration() const;
  Result<void> check_encryption(const std::string& name) const;
  tl::unexpected<Error> failure(const std::string& name, int code) const;

  std::unique_ptr<Io> io_;
  FormatContextPtr format_;
  AVStream* stream_ = nullptr;
  const AVCodec* codec_ = nullptr;
  std::optional<double> wav_duration_;
  std::optional<std::int64_t> riff_end_;
  std::optional<std::int64_t> asf_size_;
  Log log_;
  std::vector<std::string> warnings_;
};

}  // namespace steno::decode
