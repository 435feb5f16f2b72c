#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/decode/ffmpeg.h"
#include "pipeline/decode/input.h"

namespace steno::decode {

/// A source opened as FFmpeg's container with one of its audio tracks chosen: gives that track's
/// packets. Nothing but `input` is ever read. Not thread-safe.
class Container {
 public:
  /// Errors: bad_audio, io, cancelled; the message names the source.
  static Result<std::unique_ptr<Container>> open(const std::string& name,
                                                 std::unique_ptr<Input> input, int track,
                                                 std::stop_token stop);
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  /// The next packet of the track: 0, or FFmpeg's error code, AVERROR_EOF at the end.
  int read(AVPacket& packet);

  const AVStream& stream() const { return *stream_; }
  const AVCodec& codec() const { return *codec_; }
  /// Where the track ends, in seconds from origin(), as the container says or FFmpeg estimates.
  std::optional<double> duration() const;
  /// duration(), if a header promises it for this very track.
  std::optional<double> promised_duration() const;
  /// Whether the file stops before its end, as far as its last bytes and `log`, what FFmpeg said
  /// on reading them, tell. Call it last: nothing can be read afterwards.
  bool is_cut_off(const std::string& log);
  /// The time stamp, in seconds, that counts as zero; none when the first one does.
  std::optional<double> origin() const;
  /// Bytes of the source, -1 when not known.
  std::int64_t size() const;
  /// Bytes read so far; a part that is read again counts again.
  std::int64_t bytes_read() const;
  /// Ends all reading with AVERROR_EXIT once bytes_read() is above this.
  void limit_bytes_read(std::int64_t limit);
  /// Notes made on opening, for the user.
  const std::vector<std::string>& warnings() const { return warnings_; }
  /// Whether the container marks packets that it could not read to their end.
  bool marks_damage() const;

 private:
  struct Io;
  explicit Container(std::unique_ptr<Io> io);
  Result<void> probe(const std::string& name);
  Result<void> choose(const std::string& name, int track);
  bool knows_track_duration() const;
  Result<void> check_encryption(const std::string& name) const;
  tl::unexpected<Error> failure(const std::string& name, int code) const;

  std::unique_ptr<Io> io_;
  FormatContextPtr format_;
  AVStream* stream_ = nullptr;
  const AVCodec* codec_ = nullptr;
  std::optional<double> wav_duration_;
  std::optional<std::int64_t> riff_end_;
  Log log_;
  std::vector<std::string> warnings_;
};

}  // namespace steno::decode
