#include "pipeline/diarize/excerpts.h"

#include <algorithm>
#include <cmath>

namespace steno::diarize {
namespace {

constexpr double kLongest = 2 / kFrameSeconds;
constexpr double kShortest = 0.4 / kFrameSeconds;
// The least overlap with the core. A shorter run must lie in the core completely.
constexpr double kLeastOfCore = 0.2 / kFrameSeconds;
constexpr float kActive = SpeakerWindow::kCertain / 2;

struct Range {
  int begin = 0;
  int end = 0;
};

/// The frames that are nearer to the middle of this window than to the middle of any other.
Range core_of(WindowPosition position) {
  constexpr int kSide = (Networks::kFrames - kWindowHop) / 2;
  return {position.number == 0 ? 0 : kSide,
          position.is_last ? Networks::kFrames : kSide + kWindowHop};
}

bool is_alone(const SpeakerWindow::Frame& frame, size_t speaker) {
  for (size_t other = 0; other < frame.active.size(); ++other) {
    if ((static_cast<float>(frame.active[other]) > kActive) != (other == speaker)) return false;
  }
  return true;
}

std::vector<Range> runs_alone(const SpeakerWindow& window, size_t speaker) {
  std::vector<Range> runs;
  bool is_running = false;
  for (int i = 0; i < Networks::kFrames; ++i) {
    const bool alone = is_alone(window.frames[static_cast<size_t>(i)], speaker);
    if (alone && !is_running) runs.push_back({i, i});
    if (alone) runs.back().end = i + 1;
    is_running = alone;
  }
  return runs;
}

/// The longest excerpt of `run` whose middle is near the middle of `part`.
Range around(Range part, Range run) {
  const double middle = 0.5 * (part.begin + part.end);
  const double end =
      std::min<double>(run.end, std::max<double>(run.begin, middle - kLongest / 2) + kLongest);
  return {static_cast<int>(std::max<double>(run.begin, end - kLongest)), static_cast<int>(end)};
}

void add_excerpts(Range run, Range core, std::vector<Excerpt>& excerpts) {
  const int core_end = std::min(run.end, core.end);
  for (int begin = std::max(run.begin, core.begin); begin < core_end; begin += kWindowHop) {
    const Range part{begin, std::min(begin + kWindowHop, core_end)};
    const double length = part.end - part.begin;
    const Range excerpt = around(part, run);
    if (length < std::min<double>(kLeastOfCore, run.end - run.begin)) continue;
    if (excerpt.end - excerpt.begin < kShortest) continue;
    excerpts.push_back(
        {excerpt.begin, excerpt.end, static_cast<float>(length * kFrameSeconds), {}});
  }
}

}  // namespace

std::vector<Excerpt> excerpts_of(const SpeakerWindow& window, WindowPosition position) {
  std::vector<Excerpt> excerpts;
  for (size_t speaker = 0; speaker < SpeakerWindow::kSpeakers; ++speaker) {
    for (const Range run : runs_alone(window, speaker))
      add_excerpts(run, core_of(position), excerpts);
  }
  return excerpts;
}

Result<Embedding> embedding_of(const Excerpt& excerpt, std::span<const float> samples,
                               const FilterBank& bank, const Networks& networks) {
  const auto begin = static_cast<size_t>(std::lround(seconds_at(excerpt.begin) * 16000));
  const auto end = static_cast<size_t>(std::lround(seconds_at(excerpt.end) * 16000));
  constexpr size_t kMost = (Networks::kMostEmbedded - 1) * FilterBank::kHop + FilterBank::kWindow;
  // As many samples as the filter bank needs for the frames that begin within the excerpt.
  const size_t reach = end - begin + FilterBank::kWindow - FilterBank::kHop;
  const size_t count = std::min({reach, kMost, samples.size() - begin});
  return networks.embed(bank.compute(samples.subspan(begin, count)));
}

}  // namespace steno::diarize
