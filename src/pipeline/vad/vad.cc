#include "pipeline/vad/vad.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/step_key.h"
#include "pipeline/vad/leveller.h"
#include "pipeline/vad/speech_spans.h"

namespace steno::vad {
namespace {

/// Chunks per run of the network: 2 s of audio, enough for full speed.
constexpr size_t kBatch = 64;
constexpr size_t kBatchSamples = kBatch * Vad::kChunk;

}  // namespace

struct VadStream::State {
  State(std::shared_ptr<const Vad> network, const VadOptions& options, CheckpointLog* log,
        int channel)
      : vad(std::move(network)),
        spans(options),
        checkpoint(log),
        key(StepKey("voice activity").add(channel).finish()) {
    samples.reserve(Vad::kContext + kBatchSamples);
    samples.assign(Vad::kContext, 0.0f);
  }

  size_t waiting() const { return samples.size() - Vad::kContext; }
  void level() { leveller.process(std::span(samples).subspan(Vad::kContext)); }
  void run();
  void run_network();
  bool recall();

  std::shared_ptr<const Vad> vad;
  Leveller leveller;
  SpeechSpans spans;
  CheckpointLog* checkpoint;
  std::string key;  // digest of all samples up to the last block
  NetworkState network;
  std::vector<float> samples;  // the context, then the samples that wait for the network
  std::vector<float> chunks;
  std::vector<float> probabilities;
  int64_t length = 0;
};

/// Runs the network over all complete chunks that wait.
void VadStream::State::run_network() {
  const size_t count = probabilities.size();
  chunks.resize(count * Vad::kInput);
  for (size_t i = 0; i < count; ++i) {
    std::copy_n(samples.begin() + i * Vad::kChunk, Vad::kInput, chunks.begin() + i * Vad::kInput);
  }
  vad->run(chunks, network, probabilities);
}

/// Takes the probabilities and the state behind this block from the checkpoint. False if it has no
/// record that fits.
bool VadStream::State::recall() {
  const auto record = checkpoint->take(key);
  if (!record) return false;
  ByteReader in(*record);
  auto recorded = in.numbers<float>();
  NetworkState after{in.numbers<float>(), in.numbers<float>()};
  const NetworkState& now = network;
  if (!in.is_whole() || recorded.size() != probabilities.size() ||
      after.hidden.size() != now.hidden.size() || after.cell.size() != now.cell.size()) {
    return false;
  }
  probabilities = std::move(recorded);
  network = std::move(after);
  return true;
}

/// Gets the probabilities of all complete chunks that wait, from the network or the checkpoint.
void VadStream::State::run() {
  probabilities.resize(waiting() / Vad::kChunk);
  if (checkpoint == nullptr) {
    run_network();
  } else {
    const auto block = std::span<const float>(samples).last(waiting());
    key = StepKey(key).add(block).finish();
    if (!recall()) {
      run_network();
      checkpoint->record(key, ByteWriter()
                                  .numbers(probabilities)
                                  .numbers(network.hidden)
                                  .numbers(network.cell)
                                  .bytes());
    }
  }
  for (const float probability : probabilities) spans.push(probability);
  samples.erase(samples.begin(), samples.end() - Vad::kContext);
}

VadStream::VadStream(std::shared_ptr<const Vad> vad, const VadOptions& options,
                     CheckpointLog* checkpoint, int channel)
    : state_(std::make_unique<State>(std::move(vad), options, checkpoint, channel)) {}
VadStream::~VadStream() = default;
VadStream::VadStream(VadStream&&) noexcept = default;

void VadStream::push(std::span<const float> samples) {
  State& state = *state_;
  state.length += static_cast<int64_t>(samples.size());
  while (!samples.empty()) {
    const auto part = samples.first(std::min(samples.size(), kBatchSamples - state.waiting()));
    // A single NaN would stay in the network's state until the end.
    for (const float sample : part) state.samples.push_back(std::isfinite(sample) ? sample : 0.0f);
    if (state.waiting() == kBatchSamples) {
      state.level();
      state.run();
    }
    samples = samples.subspan(part.size());
  }
}

void VadStream::finish() {
  State& state = *state_;
  state.level();
  // Always at least one zero: the reference pads a recording of complete chunks with another chunk.
  state.samples.resize(state.samples.size() + Vad::kChunk - state.length % Vad::kChunk);
  state.run();
  state.spans.finish(state.length);
}

std::vector<Span> VadStream::take() { return state_->spans.take(); }
std::optional<Span> VadStream::open() const { return state_->spans.open(); }
int64_t VadStream::settled() const { return state_->spans.settled(); }

}  // namespace steno::vad
