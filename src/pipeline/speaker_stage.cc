#include "pipeline/speaker_stage.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "pipeline/postprocess/speakers.h"

namespace steno {

AudioInput tapped(AudioInput audio, diarize::Analyzer& analyzer) {
  audio.read = [read = std::move(audio.read), &analyzer](auto& block) {
    auto more = read(block);
    if (more && *more) analyzer.push(block.front());
    return more;
  };
  return audio;
}

Result<void> read_into(diarize::Analyzer& analyzer, const AudioInput& audio,
                       const std::function<void(const Progress&)>& progress) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Progress now{0, audio.duration, 0};
  progress(now);
  std::vector<std::vector<float>> block;
  double samples = 0;
  while (true) {
    const auto more = audio.read(block);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    analyzer.push(block.front());
    samples += static_cast<double>(block.front().size());
    now.done = samples / decode::kSampleRate;
    const std::chrono::duration<double> took = Clock::now() - start;
    now.speed = now.done / std::max(took.count(), 1e-3);
    progress(now);
  }
}

Transcript diarized(Transcript transcript, const diarize::Voices& voices,
                    const SpeakerOptions& options, std::span<const diarize::KnownVoice> known) {
  auto speakers = diarize::find_speakers(voices, options, known);
  return postprocess::with_speakers(std::move(transcript), std::move(speakers.turns),
                                    speakers.names);
}

int analyzer_threads(Beside beside) {
  constexpr int kMost = 16;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  const int cores = std::clamp(CPU_COUNT(&set), 1, kMost);
  return beside == Beside::recognition ? (cores + 1) / 2 : cores;
}

}  // namespace steno
