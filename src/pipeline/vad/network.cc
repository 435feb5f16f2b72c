#include <array>
#include <stdexcept>
#include <utility>

#include "pipeline/onnx/session.h"
#include "pipeline/vad/vad.h"

namespace steno::vad {

Vad::Vad(std::unique_ptr<const onnx::Session> network) : network_(std::move(network)) {}
Vad::~Vad() = default;

Result<std::shared_ptr<const Vad>> Vad::load(const std::string& file) {
  auto network = onnx::Session::load(file, {"input", "h", "c"}, {"speech_probs", "hn", "cn"});
  if (!network) return tl::unexpected(network.error());
  return std::shared_ptr<const Vad>(new Vad(*std::move(network)));
}

void Vad::run(std::span<const float> chunks, NetworkState& state,
              std::span<float> probabilities) const {
  const auto count = static_cast<std::int64_t>(probabilities.size());
  const auto width = static_cast<std::int64_t>(state.hidden.size());
  const std::array<std::int64_t, 2> chunks_shape = {count, kInput};
  const std::array<std::int64_t, 3> state_shape = {1, 1, width};
  const std::array<std::int64_t, 1> probabilities_shape = {count};
  NetworkState next;
  const std::array<onnx::Input, 3> inputs = {
      {{chunks, chunks_shape}, {state.hidden, state_shape}, {state.cell, state_shape}}};
  const std::array<onnx::Output, 3> outputs = {
      {{probabilities, probabilities_shape}, {next.hidden, state_shape}, {next.cell, state_shape}}};
  if (const auto ran = network_->run(inputs, outputs); !ran) {
    throw std::runtime_error("voice activity: " + ran.error().message);
  }
  state = std::move(next);
}

}  // namespace steno::vad
