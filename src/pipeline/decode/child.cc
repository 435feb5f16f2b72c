// The child's side of RemoteDecoder.

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "pipeline/decode/decode.h"
#include "pipeline/decode/decode_limits.h"
#include "pipeline/decode/decode_wire.h"
#include "pipeline/decode/ffmpeg.h"
#include "pipeline/decode/local_decoder.h"
#include "sandbox/confine.h"

namespace steno::decode {
namespace {

/// The recording, by requests to the other side. The latest answer is kept, because FFmpeg reads in
/// small pieces and each request costs a change of processes.
class RemoteInput final : public Input {
 public:
  RemoteInput(Wire& wire, std::int64_t size) : wire_(wire), size_(size), kept_(kMostFetched) {}

  int read(std::span<std::byte> buffer) override {
    if (position_ < begin_ || position_ >= begin_ + count_) {
      const int fetched = fetch();
      if (fetched <= 0) return fetched;
    }
    const auto skipped = static_cast<std::size_t>(position_ - begin_);
    const auto count = std::min(buffer.size(), static_cast<std::size_t>(count_) - skipped);
    std::memcpy(buffer.data(), kept_.data() + skipped, count);
    position_ += static_cast<std::int64_t>(count);
    return static_cast<int>(count);
  }
  bool seek(std::int64_t offset) override {
    if (size_ < 0 || offset < 0) return false;
    position_ = offset;
    return true;
  }
  std::int64_t size() const override { return size_; }

 private:
  /// Keeps the bytes from position_ on. The result is that of read().
  int fetch() {
    const Fetch fetch{position_, kMostFetched};
    Header header;
    std::int32_t count = 0;
    if (!wire_.send(Kind::fetch, {std::as_bytes(std::span(&fetch, 1))}) || !wire_.receive(header) ||
        header.kind != Kind::bytes ||
        !wire_.receive(std::as_writable_bytes(std::span(&count, 1)))) {
      return -EPIPE;
    }
    if (count <= 0) return count;
    if (!wire_.receive(std::span(kept_).first(static_cast<std::size_t>(count)))) return -EPIPE;
    begin_ = position_;
    count_ = count;
    ungranted_ += count;
    if (ungranted_ >= kReadPerGrant) {
      sandbox::grant_processor_time(kProcessorSeconds);
      ungranted_ = 0;
    }
    return count;
  }

  Wire& wire_;
  const std::int64_t size_;
  std::int64_t position_ = 0;
  std::vector<std::byte> kept_;
  std::int64_t begin_ = 0;  ///< position of kept_
  std::int64_t count_ = 0;
  std::int64_t ungranted_ = 0;  ///< bytes read since the last grant
};

bool send_text(Wire& wire, Kind kind, std::string_view text) {
  return wire.send(kind, {std::as_bytes(std::span(text.substr(0, kMostText)))});
}

void add_warnings(ByteWriter& out, const std::vector<std::string>& warnings) {
  out.number(static_cast<std::uint64_t>(warnings.size()));
  for (const std::string& warning : warnings) out.text(warning);
}

Result<std::unique_ptr<Decoder>> open(Wire& wire, std::string_view job) {
  ByteReader in(job);
  const std::string name(in.text());
  const std::string file_name(in.text());
  DecodeOptions options;
  const auto track = in.number<std::int32_t>();
  if (track >= 0) options.track = track;
  options.channels = in.number<std::uint8_t>() != 0 ? Channels::split : Channels::mix;
  auto input = std::make_unique<RemoteInput>(wire, in.number<std::int64_t>());
  return open_local(name, file_name, std::move(input), options);
}

bool send_samples(Wire& wire, const std::vector<std::vector<float>>& block) {
  std::string bytes;
  for (const auto& channel : block) {
    bytes.append(reinterpret_cast<const char*>(channel.data()), channel.size() * sizeof(float));
  }
  return wire.send(Kind::samples, {std::as_bytes(std::span(bytes))});
}

void decode(Wire& wire, Decoder& decoder) {
  ByteWriter opened;
  opened.number(static_cast<std::int32_t>(decoder.channels()));
  opened.number(decoder.duration().value_or(std::numeric_limits<double>::quiet_NaN()));
  add_warnings(opened, decoder.warnings());
  if (!send_text(wire, Kind::opened, opened.bytes())) return;
  std::vector<std::vector<float>> block;
  while (true) {
    sandbox::grant_processor_time(kProcessorSeconds);
    const auto more = decoder.read(block);
    if (!more) {
      send_text(wire, Kind::failed, more.error().message);
      return;
    }
    if (!*more) break;
    if (!send_samples(wire, block)) return;
  }
  ByteWriter ended;
  add_warnings(ended, decoder.warnings());
  send_text(wire, Kind::ended, ended.bytes());
}

/// A wav file of half a second of silence.
std::string silence() {
  constexpr std::uint32_t kBytes = kSampleRate;
  ByteWriter format;
  format.number(std::uint16_t{1}).number(std::uint16_t{1}).number(std::uint32_t{kSampleRate});
  format.number(std::uint32_t{2 * kSampleRate}).number(std::uint16_t{2}).number(std::uint16_t{16});
  ByteWriter sizes;
  sizes.number(kBytes);
  return "RIFF" + std::string(4, '\xff') + "WAVEfmt " + std::string("\x10\0\0\0", 4) +
         format.bytes() + "data" + sizes.bytes() + std::string(kBytes, '\0');
}

}  // namespace

void prepare_decoding() {
  for (const AVCodecID id :
       {AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC}) {
    const AVCodec* codec = avcodec_find_decoder(id);
    if (codec == nullptr) continue;
    CodecContextPtr context(avcodec_alloc_context3(codec));
    if (context == nullptr) continue;
    context->sample_rate = 48000;
    av_channel_layout_default(&context->ch_layout, 2);
    [[maybe_unused]] const int opened = avcodec_open2(context.get(), codec, nullptr);
  }
  const std::string wav = silence();
  const auto decoder = open_local(Source::memory(std::as_bytes(std::span(wav)), "silence"));
  std::vector<std::vector<float>> block;
  while (decoder && (*decoder)->read(block).value_or(false)) {
  }
}

void decode_in_child(int channel) {
  Wire wire(channel);
  Header header;
  if (!wire.receive(header)) return;
  std::string job(header.size, '\0');
  if (!wire.receive(std::as_writable_bytes(std::span(job)))) return;
  auto decoder = open(wire, job);
  if (!decoder) {
    send_text(wire, Kind::failed, decoder.error().message);
    return;
  }
  decode(wire, **decoder);
}

}  // namespace steno::decode
