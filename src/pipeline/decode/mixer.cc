#include "pipeline/decode/mixer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace steno::decode {
namespace {

constexpr std::size_t kBlock = 1600;
/// Samples over which a channel's gain changes.
constexpr std::size_t kFade = 160;
/// Channels cancel each other if their sum has less than this part of the power that it would have
/// if they were independent.
constexpr double kCancelled = 0.2;

/// The covariance of two signals, so that a DC offset does not count.
double covariance(std::span<const float> a, std::span<const float> b) {
  double sum_a = 0;
  double sum_b = 0;
  double product = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    product += double{a[i]} * b[i];
  }
  const auto count = static_cast<double>(a.size());
  return product / count - sum_a / count * (sum_b / count);
}

}  // namespace

Mixer::Mixer(std::vector<float> weights) : gains_(std::move(weights)), waiting_(gains_.size()) {}

void Mixer::mix(std::span<const std::vector<float>> channels, std::size_t count,
                std::vector<float>& out) {
  std::size_t done = 0;
  while (done < count) {
    const std::size_t part = std::min(count - done, kBlock - waiting_[0].size());
    for (std::size_t c = 0; c < gains_.size(); ++c) {
      const auto first = channels[c].begin() + static_cast<std::ptrdiff_t>(done);
      waiting_[c].insert(waiting_[c].end(), first, first + static_cast<std::ptrdiff_t>(part));
    }
    done += part;
    if (waiting_[0].size() == kBlock) mix_block(kBlock, out);
  }
}

void Mixer::finish(std::vector<float>& out) {
  if (!waiting_[0].empty()) mix_block(waiting_[0].size(), out);
}

/// The gain of each channel in the block that waits. Signs change only if the channels cancel each
/// other with the present ones, so they change seldom.
std::vector<float> Mixer::next_gains(std::size_t count) const {
  std::vector<float> sum(count);
  double independent = 0;
  std::size_t loudest = 0;
  double most = 0;
  for (std::size_t c = 0; c < gains_.size(); ++c) {
    for (std::size_t i = 0; i < count; ++i) sum[i] += gains_[c] * waiting_[c][i];
    const double power = double{gains_[c]} * gains_[c] * covariance(waiting_[c], waiting_[c]);
    independent += power;
    if (power > most) loudest = c;
    most = std::max(most, power);
  }
  std::vector<float> gains = gains_;
  if (covariance(sum, sum) >= kCancelled * independent) return gains;
  for (std::size_t c = 0; c < gains.size(); ++c) {
    const double together = covariance(waiting_[c], waiting_[loudest]);
    if (gains_[c] * gains_[loudest] * together < 0) gains[c] = -gains_[c];
  }
  return gains;
}

void Mixer::mix_block(std::size_t count, std::vector<float>& out) {
  auto now = next_gains(count);
  const auto before = std::exchange(is_first_, false) ? now : gains_;
  for (std::size_t i = 0; i < count; ++i) {
    const float part = std::min(1.0F, static_cast<float>(i) / kFade);
    float sum = 0;
    for (std::size_t c = 0; c < gains_.size(); ++c) {
      sum += (before[c] + (now[c] - before[c]) * part) * waiting_[c][i];
    }
    out.push_back(std::isnan(sum) ? 0.0F : std::clamp(sum, -1.0F, 1.0F));
  }
  gains_ = std::move(now);
  for (auto& channel : waiting_) channel.clear();
}

}  // namespace steno::decode
