#include "pipeline/decode/resampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "pipeline/decode/decode.h"
#include "pipeline/decode/decode_limits.h"

namespace steno::decode {
namespace {

constexpr int kLowestRate = 1000;
constexpr int kHighestRate = 768000;

/// The layout itself, or one without meaning if its order is not FFmpeg's own: that of a file that
/// does not say what its channels are.
AVChannelLayout plain(const AVChannelLayout& layout) {
  if (layout.order == AV_CHANNEL_ORDER_NATIVE) return layout;
  AVChannelLayout result{};
  result.order = AV_CHANNEL_ORDER_UNSPEC;
  result.nb_channels = layout.nb_channels;
  return result;
}

/// The weight of each channel in a mix to one: that of libswresample, which leaves out the channel
/// for low frequencies, or equal ones for channels of unknown meaning.
std::vector<float> mono_weights(const AVChannelLayout& layout) {
  const auto count = static_cast<std::size_t>(layout.nb_channels);
  std::vector<float> equal(count, 1.0F / static_cast<float>(count));
  if (layout.order != AV_CHANNEL_ORDER_NATIVE) return equal;
  const AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  // libswresample scales as many lines, of as many channels, as it supports.
  std::vector<double> matrix((count + 1) * kMostChannels);
  // Mixed channels never exceed full scale, as in a conversion to 16 bits.
  constexpr double kMost = 1;
  const int code =
      swr_build_matrix2(&layout, &mono, M_SQRT1_2, M_SQRT1_2, 0, kMost, 1, matrix.data(),
                        layout.nb_channels, AV_MATRIX_ENCODING_NONE, nullptr);
  matrix.resize(count);
  const bool is_silent = std::ranges::all_of(matrix, [](double weight) { return weight == 0; });
  if (code < 0 || is_silent) return equal;
  return {matrix.begin(), matrix.end()};
}

ResamplerPtr make(AVChannelLayout layout, int format, int rate) {
  SwrContext* context = nullptr;
  const int code = swr_alloc_set_opts2(&context, &layout, AV_SAMPLE_FMT_FLTP, kSampleRate, &layout,
                                       static_cast<AVSampleFormat>(format), rate, 0, nullptr);
  ResamplerPtr result(context);
  if (code < 0 || swr_init(context) < 0) return nullptr;
  return result;
}

float in_range(float value) { return std::isnan(value) ? 0.0F : std::clamp(value, -1.0F, 1.0F); }

}  // namespace

bool Resampler::is_configured_for(const AVFrame& frame) const {
  const auto layout = plain(frame.ch_layout);
  return context_ != nullptr && frame.sample_rate == rate_ && frame.format == format_ &&
         av_channel_layout_compare(&layout, &layout_) == 0;
}

bool Resampler::configure(const AVFrame& frame) {
  const auto layout = plain(frame.ch_layout);
  ResamplerPtr context = make(layout, frame.format, frame.sample_rate);
  if (context == nullptr) return false;
  planes_ = layout.nb_channels;
  mixer_.reset();
  if (wanted_ == Channels::mix && planes_ > 1) mixer_.emplace(mono_weights(layout));
  context_ = std::move(context);
  rate_ = frame.sample_rate;
  format_ = frame.format;
  layout_ = layout;
  if (channels_ == 0) channels_ = wanted_ == Channels::mix ? 1 : layout.nb_channels;
  return true;
}

bool Resampler::prepare(const AVFrame& frame, Samples& out) {
  if (is_configured_for(frame)) return true;
  finish(out);
  const int channels = frame.ch_layout.nb_channels;
  const bool is_sane = frame.sample_rate >= kLowestRate && frame.sample_rate <= kHighestRate &&
                       channels >= 1 && channels <= kMostChannels && frame.format >= 0;
  return is_sane && configure(frame);
}

void Resampler::convert(const AVFrame& frame, Samples& out) {
  if (prepare(frame, out)) pull(&frame, out);
}

void Resampler::finish(Samples& out) {
  if (context_ != nullptr) pull(nullptr, out);
  if (context_ != nullptr && mixer_) {
    out.resize(static_cast<std::size_t>(channels_));
    mixer_->finish(out[0]);
  }
  context_ = nullptr;
}

void Resampler::pull(const AVFrame* frame, Samples& out) {
  const int count = frame == nullptr ? 0 : frame->nb_samples;
  const int room = std::max(0, swr_get_out_samples(context_.get(), count));
  buffers_.resize(static_cast<std::size_t>(planes_));
  std::array<std::uint8_t*, kMostChannels> planes{};
  for (int i = 0; i < planes_; ++i) {
    buffers_[i].resize(static_cast<std::size_t>(room));
    planes[i] = reinterpret_cast<std::uint8_t*>(buffers_[i].data());
  }
  auto* input = frame == nullptr ? nullptr : const_cast<const std::uint8_t**>(frame->extended_data);
  const int got = swr_convert(context_.get(), planes.data(), room, input, count);
  if (got > 0) append(got, out);
}

void Resampler::append(int count, Samples& out) {
  out.resize(static_cast<std::size_t>(channels_));
  if (mixer_) {
    mixer_->mix(buffers_, static_cast<std::size_t>(count), out[0]);
    return;
  }
  for (int channel = 0; channel < channels_; ++channel) {
    auto& samples = out[channel];
    // Fewer channels than at the start: the last one replaces those that are missing.
    const auto& plane = buffers_[std::min(channel, planes_ - 1)];
    std::transform(plane.begin(), plane.begin() + count, std::back_inserter(samples), in_range);
  }
}

}  // namespace steno::decode
