#include "pipeline/asr/audio_queue.h"

#include <algorithm>

namespace steno::asr {

void AudioQueue::fill_to(std::int64_t position) {
  std::vector<float> block;
  while (!ended_ && known() < position) {
    block.clear();
    if (pull_(block)) {
      samples_.insert(samples_.end(), block.begin(), block.end());
    } else {
      ended_ = true;
    }
  }
}

void AudioQueue::skip_to(std::int64_t position) {
  fill_to(position);
  const auto count = std::clamp(position - begin_, std::int64_t{0}, known() - begin_);
  samples_.erase(samples_.begin(), samples_.begin() + count);
  begin_ += count;
}

std::span<const float> AudioQueue::at(std::int64_t position, std::int64_t count) {
  fill_to(position + count);
  const auto from = std::clamp(position - begin_, std::int64_t{0}, known() - begin_);
  const auto to = std::clamp(position + count - begin_, from, known() - begin_);
  return std::span<const float>(samples_).subspan(from, to - from);
}

void AudioQueue::next_stretch() {
  begin_ = known();
  samples_.clear();
  ended_ = false;
}

}  // namespace steno::asr
