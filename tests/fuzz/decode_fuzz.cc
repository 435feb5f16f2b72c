#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "pipeline/decode/local_decoder.h"
#include "pipeline/decode/sniff.h"

/// Any bytes must give audio or an error, in bounded time and memory. The last byte selects the
/// options.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace steno;
  constexpr std::size_t kMostSamples = 60 * decode::kSampleRate;
  const auto bytes = std::as_bytes(std::span(data, size));
  decode::needs_seeking(bytes);
  decode::wav_duration(bytes);
  decode::is_cut_off_ogg(bytes);

  decode::DecodeOptions options;
  if (size > 0 && (data[size - 1] & 1) != 0) options.channels = Channels::split;
  if (size > 0 && (data[size - 1] & 2) != 0) options.track = 1;
  auto decoder = decode::open_local(decode::Source::memory(bytes, "input"), options);
  if (!decoder) return 0;
  std::vector<std::vector<float>> block;
  std::size_t samples = 0;
  while (samples < kMostSamples && (*decoder)->read(block).value_or(false)) {
    const auto count = block.front().size();
    if (count == 0) std::abort();
    for (const auto& channel : block) {
      if (channel.size() != count) std::abort();
      for (const float sample : channel) {
        if (!(sample >= -1 && sample <= 1)) std::abort();
      }
    }
    samples += count;
  }
  return 0;
}
