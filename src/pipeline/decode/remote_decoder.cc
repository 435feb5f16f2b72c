#include "pipeline/decode/remote_decoder.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include "pipeline/decode/decode_limits.h"

namespace steno::decode {
namespace {

using Steady = std::chrono::steady_clock;

/// How often a wait for the child checks for a stop request.
constexpr int kPollMs = 100;
/// A child that needs no processor time and says nothing for this long hangs.
constexpr std::chrono::minutes kMostSilence{5};
/// One block, half a second.
constexpr std::size_t kMostSamples = kSampleRate / 2;

bool is_sample(float value) { return value >= -1 && value <= 1; }

}  // namespace

RemoteDecoder::RemoteDecoder(std::string name, std::unique_ptr<Input> input, sandbox::Child child,
                             std::stop_token stop, std::function<void(const std::string&)> on_fault)
    : name_(std::move(name)),
      input_(std::move(input)),
      child_(std::move(child)),
      stop_(std::move(stop)),
      on_fault_(std::move(on_fault)),
      wire_(child_.channel(), [this](short events) { return wait(events); }) {
  ::fcntl(child_.channel(), F_SETFL, O_NONBLOCK);
}

Result<void> RemoteDecoder::start(const std::string& file_name, const DecodeOptions& options) {
  deadline_ = Steady::now() + kMostSilence;
  ByteWriter out;
  out.text(name_).text(file_name).number(static_cast<std::int32_t>(options.track.value_or(-1)));
  out.number(static_cast<std::uint8_t>(options.channels == Channels::split ? 1 : 0));
  out.number(input_->size());
  if (!wire_.send(Kind::job, {std::as_bytes(std::span(out.bytes()))})) {
    return tl::unexpected(broken());
  }
  const auto header = next_message();
  if (!header) return tl::unexpected(header.error());
  if (header->kind == Kind::failed) return tl::unexpected(failure_of(*header));
  return take_opened(*header);
}

Result<bool> RemoteDecoder::read(std::vector<std::vector<float>>& block) {
  block.clear();
  if (error_) return tl::unexpected(*error_);
  if (has_ended_) return false;
  const auto taken = next_message().and_then([&](const Header& header) -> Result<void> {
    if (header.kind == Kind::samples) return take_samples(header, block);
    if (header.kind == Kind::ended) return take_ended(header);
    return tl::unexpected(header.kind == Kind::failed ? failure_of(header) : nonsense());
  });
  if (!taken) {
    error_ = taken.error();
    block.clear();
    return tl::unexpected(*error_);
  }
  return !has_ended_;
}

Result<Header> RemoteDecoder::next_message() {
  while (true) {
    deadline_ = Steady::now() + kMostSilence;
    Header header;
    if (stop_.stop_requested() || !wire_.receive(header)) return tl::unexpected(broken());
    if (header.kind != Kind::fetch) return header;
    if (auto answered = answer(header); !answered) return tl::unexpected(answered.error());
  }
}

Result<void> RemoteDecoder::answer(const Header& header) {
  Fetch fetch;
  if (header.size != sizeof fetch) return tl::unexpected(nonsense());
  if (!wire_.receive(std::as_writable_bytes(std::span(&fetch, 1)))) {
    return tl::unexpected(broken());
  }
  if (fetch.size > kMostFetched) return tl::unexpected(nonsense());
  std::int32_t count = -EINVAL;
  fetched_.resize(fetch.size);
  if (!input_->is_seekable() || input_->seek(fetch.offset)) count = input_->read(fetched_);
  if (count == -ECANCELED) return fail(Errc::cancelled, name_ + ": cancelled");
  if (count < 0) return fail(Errc::io, name_ + ": cannot be read: " + std::strerror(-count));
  bytes_ += count;
  const auto bytes = std::span(fetched_).first(static_cast<std::size_t>(count));
  if (!wire_.send(Kind::bytes, {std::as_bytes(std::span(&count, 1)), bytes})) {
    return tl::unexpected(broken());
  }
  return {};
}

Result<std::string> RemoteDecoder::receive_text(const Header& header) {
  if (header.size > kMostText) return tl::unexpected(nonsense());
  std::string text(header.size, '\0');
  if (!wire_.receive(std::as_writable_bytes(std::span(text)))) return tl::unexpected(broken());
  return text;
}

Result<void> RemoteDecoder::take_opened(const Header& header) {
  if (header.kind != Kind::opened) return tl::unexpected(nonsense());
  const auto text = receive_text(header);
  if (!text) return tl::unexpected(text.error());
  ByteReader in(*text);
  channels_ = in.number<std::int32_t>();
  const auto duration = in.number<double>();
  if (std::isfinite(duration)) duration_ = duration;
  const bool is_sane = channels_ >= 1 && channels_ <= kMostChannels && take_warnings(in);
  if (!is_sane) return tl::unexpected(nonsense());
  return {};
}

Result<void> RemoteDecoder::take_samples(const Header& header,
                                         std::vector<std::vector<float>>& block) {
  const auto channels = static_cast<std::size_t>(channels_);
  const std::size_t count = header.size / sizeof(float) / channels;
  if (count == 0 || count > kMostSamples || count * channels * sizeof(float) != header.size) {
    return tl::unexpected(nonsense());
  }
  block.resize(channels);
  for (auto& channel : block) {
    channel.resize(count);
    if (!wire_.receive(std::as_writable_bytes(std::span(channel)))) {
      return tl::unexpected(broken());
    }
    if (!std::ranges::all_of(channel, is_sample)) return tl::unexpected(nonsense());
  }
  samples_ += static_cast<std::int64_t>(count);
  const double seconds = static_cast<double>(samples_) / kSampleRate;
  // The child stops by itself, at the end of a frame.
  if (seconds > 2 * most_seconds(std::max(bytes_, input_->size()))) {
    return tl::unexpected(nonsense());
  }
  return {};
}

Result<void> RemoteDecoder::take_ended(const Header& header) {
  const auto text = receive_text(header);
  if (!text) return tl::unexpected(text.error());
  ByteReader in(*text);
  if (!take_warnings(in)) return tl::unexpected(nonsense());
  has_ended_ = true;
  return {};
}

bool RemoteDecoder::take_warnings(ByteReader& in) {
  warnings_.clear();
  for (auto left = in.count(sizeof(std::uint64_t)); left > 0; --left) {
    warnings_.push_back(one_line(std::string(in.text())));
  }
  return in.is_whole();
}

Error RemoteDecoder::failure_of(const Header& header) {
  auto text = receive_text(header);
  if (!text) return text.error();
  return {Errc::bad_audio, one_line(*std::move(text))};
}

Error RemoteDecoder::broken() {
  if (stop_.stop_requested()) return {Errc::cancelled, name_ + ": cancelled"};
  if (Steady::now() >= deadline_) {
    if (on_fault_) on_fault_("a decoder hangs");
    return {Errc::unavailable, name_ + ": cannot be decoded now: its decoder hangs"};
  }
  const sandbox::Ending ending = child_.end();
  if (on_fault_) on_fault_("a decoder has ended: " + ending.text);
  const auto bad = [this](const std::string& cause) {
    return Error{Errc::bad_audio, name_ + ": " + cause};
  };
  switch (ending.cause) {
    case sandbox::Cause::memory:
      return bad("needs more memory than the limit of " +
                 std::to_string(memory_limit(input_->size()) >> 20) + " MB");
    case sandbox::Cause::processor_time:
      return bad("damaged: nothing could be decoded in " + std::to_string(kProcessorSeconds) +
                 " s of processor time");
    case sandbox::Cause::killed:
    case sandbox::Cause::no_process:
      return {Errc::unavailable, name_ + ": cannot be decoded now: " + ending.text};
    case sandbox::Cause::done:
    case sandbox::Cause::crash:
      break;
  }
  return bad("damaged: its decoder crashed: " + ending.text);
}

Error RemoteDecoder::nonsense() {
  if (on_fault_) on_fault_("a decoder broke the protocol");
  return {Errc::bad_audio, name_ + ": damaged: its decoder gave nonsense"};
}

bool RemoteDecoder::wait(short events) {
  pollfd waiting{child_.channel(), events, 0};
  while (!stop_.stop_requested() && Steady::now() < deadline_) {
    if (::poll(&waiting, 1, kPollMs) > 0) return true;
  }
  return false;
}

}  // namespace steno::decode
