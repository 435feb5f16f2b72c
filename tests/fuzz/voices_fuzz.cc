// Any bytes as the stage output "voices", and any voices, must be refused or give speakers whose
// turns are in order and within the recording, each a complete line of RTTM. Must not crash.

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "pipeline/diarize/diarize.h"
#include "transcript/rttm.h"

namespace {

using namespace steno;
using namespace steno::diarize;

void require(bool good) {
  if (!good) std::abort();
}

/// A few windows, in each of them stretches that are alike, and some excerpts.
Voices voices_of(FuzzedDataProvider& data) {
  Voices voices;
  voices.windows.resize(data.ConsumeIntegralInRange<size_t>(0, 6));
  for (SpeakerWindow& window : voices.windows) {
    for (size_t i = 0; i < window.frames.size();) {
      SpeakerWindow::Frame frame;
      for (auto& active : frame.active) active = data.ConsumeIntegral<uint8_t>();
      frame.two = data.ConsumeIntegral<uint8_t>();
      const size_t end = i + data.ConsumeIntegralInRange<size_t>(20, 300);
      for (; i < std::min(end, window.frames.size()); ++i) window.frames[i] = frame;
    }
  }
  const auto windows = static_cast<int64_t>(voices.windows.size());
  const int64_t frames = windows == 0 ? 0 : (windows - 1) * kWindowHop + Networks::kFrames;
  voices.samples = data.ConsumeIntegralInRange<int64_t>(0, frames * Networks::kFrameShift);
  for (int64_t at = 0; frames > 0 && voices.excerpts.size() < 20; ++at) {
    at += data.ConsumeIntegralInRange<int64_t>(0, 200);
    if (at + 1 >= frames) break;
    Excerpt excerpt;
    excerpt.begin = at;
    excerpt.end = std::min(frames, at + 1 + data.ConsumeIntegralInRange<int64_t>(0, 150));
    excerpt.seconds = data.ConsumeFloatingPointInRange<float>(0, 4);
    excerpt.embedding[data.ConsumeIntegralInRange<size_t>(0, excerpt.embedding.size() - 1)] = 1;
    voices.excerpts.push_back(excerpt);
  }
  return voices;
}

void check_rttm(const Speakers& speakers, const std::string& recording) {
  Transcript transcript;
  transcript.turns = speakers.turns;
  for (const std::string& name : speakers.names) transcript.speakers.push_back({name, 0});
  std::istringstream lines(to_rttm(transcript, recording));
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    require(std::ranges::count(line, ' ') == 9 && line.find("  ") == std::string::npos);
    std::istringstream fields(line);
    std::string kind;
    std::string name;
    int channel = 0;
    double start = -1;
    double length = -1;
    require(static_cast<bool>(fields >> kind >> name >> channel >> start >> length));
    require(kind == "SPEAKER" && channel == 1 && start >= 0 && length >= 0);
  }
  require(count == speakers.turns.size());
}

void check(const Voices& voices, const SpeakerOptions& options, const std::string& name) {
  const KnownVoice known{name,
                         voices.excerpts.empty() ? Embedding{} : voices.excerpts[0].embedding};
  const Speakers speakers = find_speakers(voices, options, {&known, 1});
  const auto most = options.num_speakers ? options.num_speakers : options.max_speakers;
  require(!most || speakers.names.size() <= static_cast<size_t>(*most));
  const double duration = static_cast<double>(voices.samples) / 16000;
  double before = 0;
  for (const Turn& turn : speakers.turns) {
    require(before <= turn.start && turn.start <= turn.end && turn.end <= duration);
    require(turn.speaker >= 0 && static_cast<size_t>(turn.speaker) < speakers.names.size());
    before = turn.start;
  }
  check_rttm(speakers, name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  SpeakerOptions options;
  if (data.ConsumeBool()) options.num_speakers = data.ConsumeIntegralInRange(1, 5);
  if (data.ConsumeBool()) options.min_speakers = data.ConsumeIntegralInRange(1, 5);
  const std::string name = data.ConsumeRandomLengthString(40);
  if (data.ConsumeBool()) {
    const auto voices = voices_from(data.ConsumeRemainingBytesAsString());
    if (voices) check(*voices, options, name);
    return 0;
  }
  const Voices voices = voices_of(data);
  require(voices_from(to_bytes(voices)).has_value());
  check(voices, options, name);
  return 0;
}
