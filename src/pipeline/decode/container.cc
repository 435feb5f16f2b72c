#include "pipeline/decode/container.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <utility>

#include "base/position.h"
#include "pipeline/decode/decode_limits.h"
#include "pipeline/decode/sniff.h"
#include "pipeline/decode/tracks.h"

namespace steno::decode {
namespace {

constexpr int kBufferSize = 64 * 1024;
/// Opening may read a file several times, but not endlessly.
constexpr std::int64_t kOpeningReads = 64 << 20;
/// mp4 and Matroska files that start later than this, in seconds, are parts of a longer stream.
constexpr double kLatestOrigin = 60;
/// The size in a RIFF header differs by some bytes from program to program.
constexpr std::int64_t kRiffSlack = 64;
/// Larger than the largest Ogg page.
constexpr std::int64_t kTailSize = 70000;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Whether one of the comma-separated names of `format` is in `names`.
bool is_one_of(const AVInputFormat& format, std::span<const std::string_view> names) {
  std::string_view rest = format.name;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    if (std::ranges::find(names, rest.substr(0, comma)) != names.end()) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

/// Formats that only refer to other files or addresses.
bool is_playlist(const AVInputFormat& format) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "hls", "concat", "dash", "sdp", "rtsp", "imf", "webm_dash_manifest", "rtp"};
  return is_one_of(format, kNames);
}

/// Images, and text that FFmpeg would render or turn into endless tones.
bool is_no_recording(const AVInputFormat& format) {
  static constexpr std::array<std::string_view, 4> kNames = {"image2", "sbg", "tty", "ffmetadata"};
  return is_one_of(format, kNames);
}

bool mentions_encryption(std::string_view log) {
  return contains(log, "DRM") || contains(log, "ncrypt");
}

int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

/// The names of all audio decoders, with commas between them: finding out about a track opens a
/// decoder for it, and decoders of pictures take memory as large as the picture.
std::string audio_decoders() {
  std::string names;
  void* position = nullptr;
  while (const AVCodec* codec = av_codec_iterate(&position)) {
    if (codec->type != AVMEDIA_TYPE_AUDIO || av_codec_is_decoder(codec) == 0) continue;
    names += (names.empty() ? "" : ",") + std::string(codec->name);
  }
  return names;
}

tl::unexpected<Error> too_many_tracks(const std::string& name) {
  return fail(Errc::bad_audio, name + ": has more than " + std::to_string(kMostTracks) +
                                   " tracks, the most that are allowed");
}

}  // namespace

std::string memory_text(std::int64_t size) {
  return std::to_string(memory_limit(size) >> 20) + " MB";
}

/// Connects an Input to FFmpeg's input and output context.
struct Container::Io {
  std::unique_ptr<Input> input;
  std::stop_token stop;
  AVIOContext* context = nullptr;
  std::int64_t position = 0;
  std::int64_t bytes_read = 0;
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();
  int error = 0;  ///< the first failure of the source itself

  ~Io() {
    if (context != nullptr) av_freep(&context->buffer);
    avio_context_free(&context);
  }

  bool must_end() const { return stop.stop_requested() || bytes_read > limit; }

  static int read(void* opaque, std::uint8_t* buffer, int size) {
    auto& io = *static_cast<Io*>(opaque);
    if (io.must_end()) return AVERROR_EXIT;
    if (io.error != 0) return io.error;  // demuxers try again, and a store may answer slowly
    const int count = io.input->read(
        std::span(reinterpret_cast<std::byte*>(buffer), static_cast<std::size_t>(size)));
    if (count == 0) return AVERROR_EOF;
    if (count == -ECANCELED) return AVERROR_EXIT;
    if (count < 0) return io.error = count;
    io.position += count;
    io.bytes_read += count;
    return count;
  }

  static std::int64_t seek(void* opaque, std::int64_t offset, int whence) {
    auto& io = *static_cast<Io*>(opaque);
    const auto size = io.input->size();
    if ((whence & AVSEEK_SIZE) != 0) return size >= 0 ? size : AVERROR(ENOSYS);
    whence &= ~AVSEEK_FORCE;
    if (whence == SEEK_CUR) offset += io.position;
    if (whence == SEEK_END) offset += size;
    if (!io.input->seek(offset)) return AVERROR(EINVAL);
    io.position = offset;
    return offset;
  }

  static int interrupted(void* opaque) { return static_cast<Io*>(opaque)->must_end() ? 1 : 0; }
};

Container::Container(std::unique_ptr<Io> io) : io_(std::move(io)) {}
Container::~Container() = default;

Result<std::unique_ptr<Container>> Container::open(const std::string& name,
                                                   const std::string& file_name,
                                                   std::unique_ptr<Input> input,
                                                   std::optional<int> track, std::stop_token stop) {
  if (input->size() == 0) return fail(Errc::bad_audio, name + ": is empty");
  auto io = std::make_unique<Io>();
  io->input = std::move(input);
  io->stop = std::move(stop);
  if (io->input->is_seekable()) io->limit = kOpeningReads + 4 * io->input->size();
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferSize));
  io->context = avio_alloc_context(buffer, kBufferSize, 0, io.get(), &Io::read, nullptr,
                                   io->input->is_seekable() ? &Io::seek : nullptr);
  if (buffer == nullptr || io->context == nullptr) throw std::bad_alloc();

  std::unique_ptr<Container> container(new Container(std::move(io)));
  const LogCapture capture(container->log_);
  return container->probe(name, file_name)
      .and_then([&] { return container->choose(name, track); })
      .and_then([&] { return container->check_encryption(name); })
      .map([&] { return std::move(container); });
}

std::optional<Error> Container::input_failure(const std::string& name) const {
  if (io_->error == 0) return std::nullopt;
  return Error{Errc::io, name + ": cannot be read: " + error_text(io_->error)};
}

tl::unexpected<Error> Container::failure(const std::string& name, int code) const {
  if (io_->stop.stop_requested()) return fail(Errc::cancelled, name + ": cancelled");
  if (auto error = input_failure(name)) return tl::unexpected(*std::move(error));
  if (code == AVERROR_EXIT) {
    return fail(Errc::bad_audio, name + ": damaged: its headers lead in circles");
  }
  if (has_too_many_tracks()) return too_many_tracks(name);
  if (code == AVERROR(ENOMEM)) {
    return fail(Errc::bad_audio,
                name + ": needs more memory than the limit of " + memory_text(io_->input->size()));
  }
  if (io_->bytes_read == 0) return fail(Errc::bad_audio, name + ": is empty");
  if (contains(log_.text, "moov atom not found")) {
    return fail(Errc::bad_audio, name + ": cut off: an mp4 file without its index (moov)");
  }
  if (mentions_encryption(log_.text)) return fail(Errc::bad_audio, name + ": is encrypted");
  return fail(Errc::bad_audio, name + ": not audio, or damaged at its start");
}

bool Container::has_too_many_tracks() const {
  return contains(log_.text, "exceeds max_streams parameter");
}

Result<void> Container::probe(const std::string& name, const std::string& file_name) {
  const AVInputFormat* kind = nullptr;
  int code = av_probe_input_buffer2(io_->context, &kind, file_name.c_str(), nullptr, 0, 0);
  if (code >= 0 && is_no_recording(*kind)) {  // maybe because of its name only
    kind = nullptr;
    code = av_probe_input_buffer2(io_->context, &kind, "", nullptr, 0, 0);
  }
  const auto head = std::as_bytes(std::span(io_->context->buf_ptr, io_->context->buf_end));
  if (is_m3u(head) || (code >= 0 && is_playlist(*kind))) {
    return fail(Errc::bad_audio,
                name + ": is a playlist, which is not followed; give the audio file itself");
  }
  if (code < 0) return failure(name, code);
  wav_duration_ = wav_duration(head);
  riff_end_ = riff_end(head);
  asf_size_ = asf_size(head);
  if (is_no_recording(*kind) || (kind->flags & AVFMT_NOFILE) != 0) {
    return fail(Errc::bad_audio, name + ": not audio");
  }

  const Behind behind = look_behind_end(*io_->context, head);
  note_behind_end(name, behind);
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) throw std::bad_alloc();
  context->pb = io_->context;
  context->io_open = refuse_to_open;
  context->interrupt_callback = {&Io::interrupted, io_.get()};
  context->max_streams = kMostTracks;
  context->probesize = kProbedBytes;
  static const std::string decoders = audio_decoders();
  AVDictionary* settings = nullptr;
  av_dict_set(&settings, "protocol_whitelist", "none", 0);
  av_dict_set(&settings, "codec_whitelist", decoders.c_str(), 0);
  if (behind == Behind::audio) av_dict_set(&settings, "ignore_length", "1", 0);
  code = avformat_open_input(&context, file_name.c_str(), kind, &settings);  // frees it on failure
  av_dict_free(&settings);
  if (code < 0) return failure(name, code);
  format_.reset(context);
  if (auto few = check_track_count(name); !few) return few;
  code = avformat_find_stream_info(context, nullptr);
  if (code < 0) return failure(name, code);
  return check_track_count(name);
}

void Container::note_behind_end(const std::string& name, Behind behind) {
  if (behind == Behind::recording) {
    warnings_.push_back(name + ": another recording follows in the same file, which is not read");
  }
  if (behind != Behind::audio) return;
  if (wav_duration_) {
    warnings_.push_back(name + ": audio follows after " + position_text(*wav_duration_) +
                        ", the end that its header states; it is read too");
  }
  wav_duration_ = std::nullopt;
  riff_end_ = std::nullopt;
}

Result<void> Container::check_track_count(const std::string& name) const {
  if (has_too_many_tracks()) return too_many_tracks(name);
  const auto count = std::count_if(
      format_->streams, format_->streams + format_->nb_streams,
      [](const AVStream* s) { return s->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; });
  if (count <= kMostAudioTracks) return {};
  return fail(Errc::bad_audio, name + ": has " + std::to_string(count) +
                                   " audio tracks, and at most " +
                                   std::to_string(kMostAudioTracks) + " are allowed");
}

Result<void> Container::choose(const std::string& name, std::optional<int> track) {
  if (io_->stop.stop_requested()) return failure(name, AVERROR_EXIT);
  auto chosen = choose_track(*format_, track);
  if (!chosen) return fail(chosen.error().code, name + ": " + chosen.error().message);
  stream_ = chosen->stream;
  codec_ = chosen->codec;
  if (!chosen->note.empty()) warnings_.push_back(name + ": " + chosen->note);
  return {};
}

Result<void> Container::check_encryption(const std::string& name) const {
  const auto tag = stream_->codecpar->codec_tag;
  const bool is_tagged = tag == MKTAG('e', 'n', 'c', 'a') || tag == MKTAG('d', 'r', 'm', 's') ||
                         tag == MKTAG('a', 'a', 'v', 'd') || tag == MKTAG('a', 'a', 'x', 'c');
  if (is_tagged || mentions_encryption(log_.text) ||
      av_stream_get_side_data(stream_, AV_PKT_DATA_ENCRYPTION_INIT_INFO, nullptr) != nullptr) {
    return fail(Errc::bad_audio, name + ": is encrypted");
  }
  if (codec_ == nullptr) {
    return fail(Errc::bad_audio, name + ": its audio is coded as " +
                                     avcodec_get_name(stream_->codecpar->codec_id) +
                                     ", for which there is no decoder");
  }
  return {};
}

int Container::read(AVPacket& packet) {
  while (true) {
    const int code = av_read_frame(format_.get(), &packet);
    if (code < 0 || packet.stream_index == stream_->index) return code;
    av_packet_unref(&packet);
  }
}

bool Container::knows_track_duration() const {
  return stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0;
}

std::optional<double> Container::duration() const {
  if (knows_track_duration()) {
    const double unit = av_q2d(stream_->time_base);
    const double delay =
        stream_->start_time == AV_NOPTS_VALUE
            ? 0
            : static_cast<double>(stream_->start_time) * unit - origin().value_or(0);
    return std::max(0.0, delay) + static_cast<double>(stream_->duration) * unit;
  }
  if (format_->duration == AV_NOPTS_VALUE || format_->duration <= 0) return std::nullopt;
  return static_cast<double>(format_->duration) / AV_TIME_BASE;
}

std::optional<double> Container::promised_duration() const {
  static constexpr std::array<std::string_view, 1> kWav = {"wav"};
  if (is_one_of(*format_->iformat, kWav)) return wav_duration_;
  if (format_->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
  static constexpr std::array<std::string_view, 1> kUnreliable = {"w64"};
  if (is_one_of(*format_->iformat, kUnreliable)) return std::nullopt;
  // An asf file states the length of its longest track for each.
  static constexpr std::array<std::string_view, 1> kAsf = {"asf"};
  if (is_one_of(*format_->iformat, kAsf) && format_->nb_streams > 1) return std::nullopt;
  // The header of an avi file that was written to a pipe contains invented numbers.
  static constexpr std::array<std::string_view, 1> kAvi = {"avi"};
  const bool is_whole = riff_end_ && std::abs(*riff_end_ - size()) <= kRiffSlack;
  if (is_one_of(*format_->iformat, kAvi) && !is_whole) return std::nullopt;
  // A container's duration is that of its longest track.
  return knows_track_duration() || format_->nb_streams == 1 ? duration() : std::nullopt;
}

bool Container::is_cut_off(const std::string& log) {
  if (contains(log, "ended prematurely") || contains(log, "partial file")) return true;
  const auto end = size() >= 0 ? size() : bytes_read();
  if (!wav_duration_ && riff_end_ && *riff_end_ > end + kRiffSlack) return true;
  if (asf_size_ && *asf_size_ > end) return true;
  static constexpr std::array<std::string_view, 1> kOgg = {"ogg"};
  if (!is_one_of(*format_->iformat, kOgg) || !io_->input->is_seekable()) return false;
  std::vector<std::byte> tail(static_cast<std::size_t>(std::min(kTailSize, size())));
  if (!io_->input->seek(size() - static_cast<std::int64_t>(tail.size()))) return false;
  std::size_t filled = 0;
  while (filled < tail.size()) {
    const int count = io_->input->read(std::span(tail).subspan(filled));
    if (count < 0) io_->error = count;
    if (count <= 0) return false;
    filled += static_cast<std::size_t>(count);
  }
  return is_cut_off_ogg(tail);
}

bool Container::marks_damage() const {
  // The last packet of a wav file of unknown length is always incomplete.
  static constexpr std::array<std::string_view, 2> kWav = {"wav", "w64"};
  return !is_one_of(*format_->iformat, kWav);
}

std::optional<double> Container::origin() const {
  static constexpr std::array<std::string_view, 2> kOwnZero = {"mov", "matroska"};
  const bool has_own_zero = is_one_of(*format_->iformat, kOwnZero);
  if (format_->start_time == AV_NOPTS_VALUE) {
    // FFmpeg finds the start of H.264 in Matroska with a decoder only.
    return has_own_zero ? std::optional(0.0) : std::nullopt;
  }
  const double start = static_cast<double>(format_->start_time) / AV_TIME_BASE;
  const bool is_near_zero = start > -1 && start < kLatestOrigin;
  return is_near_zero && has_own_zero ? 0.0 : start;
}

std::int64_t Container::size() const { return io_->input->size(); }
std::int64_t Container::bytes_read() const { return io_->bytes_read; }
void Container::limit_bytes_read(std::int64_t limit) { io_->limit = limit; }

}  // namespace steno::decode
