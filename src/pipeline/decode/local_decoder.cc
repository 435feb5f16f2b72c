#include "pipeline/decode/local_decoder.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

#include "base/position.h"
#include "pipeline/decode/container.h"
#include "pipeline/decode/decode_limits.h"
#include "pipeline/decode/input.h"
#include "pipeline/decode/resampler.h"
#include "pipeline/decode/timeline.h"

namespace steno::decode {
namespace {

constexpr std::size_t kBlockSize = kSampleRate / 2;
/// One frame of features; shorter audio has no words.
constexpr std::size_t kFewestSamples = kSampleRate / 100;
constexpr int kMostReadErrors = 50;
constexpr int kMostIdlePackets = 100000;
/// Bytes that may be read between two frames of audio, in addition to twice the whole file.
constexpr std::int64_t kReadsBetweenFrames = 64 << 20;
constexpr std::int64_t kMostFrameSamples = 2 << 20;
/// How much earlier than its header states a file may end without a warning, in seconds.
constexpr double kPromisedEndTolerance = 0.5;
/// The shortest gap in the time stamps that causes a warning, in seconds.
constexpr double kLongHole = 60;
/// The same for a gap that follows an error within kDemuxerDelay seconds of audio.
constexpr double kDamagedHole = 0.5;
constexpr double kDemuxerDelay = 5;

class LocalDecoder final : public Decoder {
 public:
  LocalDecoder(std::string name, std::unique_ptr<Container> container, const DecodeOptions& options)
      : name_(std::move(name)),
        container_(std::move(container)),
        stop_(options.stop),
        warnings_(container_->warnings()),
        timeline_(container_->origin(), container_->promised_duration()),
        resampler_(options.channels),
        packet_(av_packet_alloc()),
        frame_(av_frame_alloc()) {
    if (packet_ == nullptr || frame_ == nullptr) throw std::bad_alloc();
  }

  /// Opens the codec and decodes the first block.
  Result<void> start();
  Result<bool> read(Samples& block) override;
  int channels() const override { return resampler_.channels(); }
  std::optional<double> duration() const override { return container_->duration(); }
  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  Result<void> open_codec();
  Result<void> fill();
  void step();
  void feed();
  void take_frame();
  void release_frame();
  void note_damage();
  void note_failure(int code);
  void note_hole(double from, double to);
  void end();
  std::size_t available() const { return ready_.empty() ? 0 : ready_.front().size(); }
  bool is_circling() const;
  void warn(const std::string& text) { warnings_.push_back(name_ + ": " + text); }
  tl::unexpected<Error> bad(const std::string& cause) const {
    return fail(Errc::bad_audio, name_ + ": " + cause);
  }

  std::string name_;
  std::unique_ptr<Container> container_;
  std::stop_token stop_;
  std::vector<std::string> warnings_;
  Timeline timeline_;
  Resampler resampler_;
  CodecContextPtr codec_;
  PacketPtr packet_;
  FramePtr frame_;
  Log log_;

  Samples ready_;                ///< decoded, not yet read
  std::size_t silence_ = 0;      ///< samples of silence before `frame_`
  bool has_held_frame_ = false;  ///< `frame_` waits for the silence before it
  bool has_ended_ = false;
  bool is_draining_ = false;
  bool is_encrypted_ = false;
  bool was_stopped_by_guard_ = false;
  bool is_out_of_memory_ = false;
  int read_errors_ = 0;   ///< in a row
  int idle_packets_ = 0;  ///< in a row, without a frame or a byte read
  std::int64_t bytes_at_packet_ = 0;
  long packets_ = 0;
  long frames_ = 0;
  double last_damage_ = -1;
  double first_damage_ = -1;
  double last_error_ = -1;  ///< position of the last error in FFmpeg's log
  long errors_seen_ = 0;
};

Result<void> LocalDecoder::open_codec() {
  codec_.reset(avcodec_alloc_context3(&container_->codec()));
  if (codec_ == nullptr) throw std::bad_alloc();
  const AVStream& stream = container_->stream();
  int code = avcodec_parameters_to_context(codec_.get(), stream.codecpar);
  codec_->pkt_timebase = stream.time_base;
  codec_->thread_count = 1;
  codec_->max_samples = kMostFrameSamples;
  if (code >= 0) code = avcodec_open2(codec_.get(), &container_->codec(), nullptr);
  if (code == AVERROR(ENOMEM)) {
    return bad("needs more memory than the limit of " + memory_text(container_->size()));
  }
  if (code < 0) return bad("its audio cannot be decoded: " + error_text(code));
  return {};
}

Result<void> LocalDecoder::start() {
  const LogCapture capture(log_);
  if (auto opened = open_codec(); !opened) return opened;
  if (auto filled = fill(); !filled) return filled;
  if (is_encrypted_) return bad("is encrypted");
  if (frames_ == 0 && is_out_of_memory_) {
    return bad("needs more memory than the limit of " + memory_text(container_->size()));
  }
  if (frames_ == 0 && packets_ == 0) return bad("its audio track is empty");
  if (frames_ == 0) return bad("none of its audio can be decoded; damaged, or not audio");
  if (has_ended_ && available() < kFewestSamples) {
    return bad("too short: " + std::to_string(available()) + " samples at 16 kHz");
  }
  return {};
}

Result<bool> LocalDecoder::read(Samples& block) {
  const LogCapture capture(log_);
  if (auto filled = fill(); !filled) return tl::unexpected(filled.error());
  block.assign(static_cast<std::size_t>(channels()), {});
  const auto count = std::min(available(), kBlockSize);
  if (count == 0) {
    block.clear();
    return false;
  }
  for (std::size_t i = 0; i < block.size(); ++i) {
    const auto middle = ready_[i].begin() + static_cast<std::ptrdiff_t>(count);
    block[i].assign(ready_[i].begin(), middle);
    ready_[i].erase(ready_[i].begin(), middle);
  }
  return true;
}

Result<void> LocalDecoder::fill() {
  while (!has_ended_ && available() < kBlockSize) {
    if (stop_.stop_requested()) return fail(Errc::cancelled, name_ + ": cancelled");
    if (has_held_frame_) {
      release_frame();
    } else {
      step();
    }
    // Demuxers take a failed read for the end of the file, or go on without it.
    if (auto error = container_->input_failure(name_)) return tl::unexpected(*std::move(error));
  }
  return {};
}

void LocalDecoder::step() {
  const int code = avcodec_receive_frame(codec_.get(), frame_.get());
  if (code == 0) {
    take_frame();
  } else if (code == AVERROR_EOF) {
    end();
  } else if (code == AVERROR(EAGAIN) && !is_draining_) {
    feed();
  } else {
    note_failure(code);
    if (is_draining_) end();
  }
}

void LocalDecoder::feed() {
  const int code = container_->read(*packet_);
  if (code == 0) {
    read_errors_ = 0;
    ++packets_;
    const bool is_idle = container_->bytes_read() == bytes_at_packet_;
    bytes_at_packet_ = container_->bytes_read();
    idle_packets_ = is_idle ? idle_packets_ + 1 : 0;
    is_encrypted_ |=
        av_packet_get_side_data(packet_.get(), AV_PKT_DATA_ENCRYPTION_INFO, nullptr) != nullptr;
    const bool is_marked = (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0;
    if (is_marked && container_->marks_damage()) note_damage();
    if (const int sent = avcodec_send_packet(codec_.get(), packet_.get()); sent < 0) {
      note_failure(sent);
    }
    av_packet_unref(packet_.get());
    if (!is_encrypted_ && idle_packets_ < kMostIdlePackets) return;
    was_stopped_by_guard_ = !is_encrypted_;
  } else if (code != AVERROR_EOF) {
    was_stopped_by_guard_ = code == AVERROR_EXIT;
    note_failure(code);
    if (++read_errors_ < kMostReadErrors && code != AVERROR_EXIT) return;
  }
  is_draining_ = true;
  avcodec_send_packet(codec_.get(), nullptr);
}

bool LocalDecoder::is_circling() const {
  const auto bytes = std::max(container_->size(), container_->bytes_read());
  return timeline_.position() > most_seconds(bytes);
}

void LocalDecoder::take_frame() {
  idle_packets_ = 0;
  if (container_->size() >= 0) {
    container_->limit_bytes_read(container_->bytes_read() + 2 * container_->size() +
                                 kReadsBetweenFrames);
  }
  if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
    note_damage();
  }
  if (frame_->nb_samples <= 0 || !resampler_.prepare(*frame_, ready_)) {
    note_damage();
    return;
  }
  ++frames_;
  std::optional<double> stamp;
  if (frame_->best_effort_timestamp != AV_NOPTS_VALUE) {
    stamp =
        static_cast<double>(frame_->best_effort_timestamp) * av_q2d(container_->stream().time_base);
  }
  const double before = timeline_.position();
  const double silence =
      timeline_.place(stamp, static_cast<double>(frame_->nb_samples) / frame_->sample_rate);
  note_hole(before, before + silence);
  if (is_circling()) {
    was_stopped_by_guard_ = true;
    end();
    return;
  }
  if (silence > 0) resampler_.finish(ready_);
  silence_ = static_cast<std::size_t>(std::llround(silence * kSampleRate));
  has_held_frame_ = true;
}

void LocalDecoder::release_frame() {
  if (silence_ > 0) {
    ready_.resize(static_cast<std::size_t>(resampler_.channels()));
    const auto count = std::min(silence_, kBlockSize);
    for (auto& channel : ready_) channel.resize(channel.size() + count);
    silence_ -= count;
    return;
  }
  resampler_.convert(*frame_, ready_);
  has_held_frame_ = false;
  av_frame_unref(frame_.get());
}

/// Demuxers skip damaged parts and do not mark the packets behind them. Only the log contains the
/// error, and earlier than the gap, because demuxers read ahead.
void LocalDecoder::note_hole(double from, double to) {
  if (log_.errors > errors_seen_) last_error_ = from;
  errors_seen_ = log_.errors;
  const double error = std::max(last_error_, last_damage_);
  if (error >= 0 && from - error < kDemuxerDelay && to - from > kDamagedHole) {
    if (first_damage_ < 0) first_damage_ = from;
    last_damage_ = to;
  } else if (to - from > kLongHole && from > 0) {
    warn("has no audio from " + position_text(from) + " to " + position_text(to));
  }
}

/// Damaged lengths may ask for more memory than there is, and what follows may be sound.
void LocalDecoder::note_failure(int code) {
  is_out_of_memory_ |= code == AVERROR(ENOMEM);
  note_damage();
}

void LocalDecoder::note_damage() {
  last_damage_ = timeline_.position();
  if (first_damage_ < 0) first_damage_ = last_damage_;
}

void LocalDecoder::end() {
  resampler_.finish(ready_);
  has_ended_ = true;
  const double position = timeline_.position();
  const auto promised = container_->promised_duration();
  const bool is_short = promised && position < *promised - kPromisedEndTolerance;
  const bool is_damaged = first_damage_ >= 0;
  const bool is_end_damaged = is_damaged && last_damage_ > position - kPromisedEndTolerance;
  if (is_damaged && first_damage_ < position - kPromisedEndTolerance) {
    const auto where =
        last_damage_ - first_damage_ < 0.1
            ? "at " + position_text(first_damage_)
            : "between " + position_text(first_damage_) + " and " + position_text(last_damage_);
    warn("damaged " + where + "; words there may be missing or wrong");
  }
  if (is_encrypted_) {
    warn("encrypted after " + position_text(position) + "; only what comes before could be read");
  } else if (was_stopped_by_guard_) {
    warn("damaged after " + position_text(position) + ", where its data lead in circles");
  } else if (is_short) {
    warn("cut off or damaged: its header promises " + position_text(*promised) +
         ", but only audio up to " + position_text(position) + " could be read");
  } else if (is_end_damaged || container_->is_cut_off(log_.text)) {
    warn("cut off or damaged: only audio up to " + position_text(position) + " could be read");
  }
}

}  // namespace

Result<std::unique_ptr<Decoder>> open_local(const std::string& name, const std::string& file_name,
                                            std::unique_ptr<Input> input,
                                            const DecodeOptions& options) {
  auto container = Container::open(name, file_name, std::move(input), options.track, options.stop);
  if (!container) return tl::unexpected(container.error());
  auto decoder = std::make_unique<LocalDecoder>(name, std::move(*container), options);
  if (auto started = decoder->start(); !started) return tl::unexpected(started.error());
  return decoder;
}

Result<std::unique_ptr<Decoder>> open_local(const Source& source, const DecodeOptions& options) {
  Source named = source;
  named.name = one_line(source.name);
  auto input = open_input(named, options.stop);
  if (!input) return tl::unexpected(input.error());
  return open_local(named.name, named.file_name(), std::move(*input), options);
}

}  // namespace steno::decode
