#include "pipeline/diarize/crops.h"

#include <algorithm>
#include <cmath>

namespace steno::diarize {
namespace {

constexpr double kLongest = 2 / kFrameSeconds;
constexpr double kShortest = 0.4 / kFrameSeconds;
// frames of the core; a shorter run must lie completely inside it
constexpr double kLeastOfCore = 0.2 / kFrameSeconds;
constexpr float kActive = Window::kCertain / 2;

struct Range {
  int begin = 0;
  int end = 0;
};

/// The frames of a window that are nearer to its middle than to the middle of any other window.
Range core_of(Place place) {
  constexpr int kSide = (Networks::kFrames - kWindowHop) / 2;
  return {place.number == 0 ? 0 : kSide, place.is_last ? Networks::kFrames : kSide + kWindowHop};
}

bool is_alone(const Window::Frame& frame, size_t speaker) {
  for (size_t other = 0; other < frame.active.size(); ++other) {
    if ((static_cast<float>(frame.active[other]) > kActive) != (other == speaker)) return false;
  }
  return true;
}

std::vector<Range> runs_alone(const Window& window, size_t speaker) {
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

/// The part of the run around the middle of `piece`, limited to the length of a crop.
Range around(Range piece, Range run) {
  const double middle = 0.5 * (piece.begin + piece.end);
  const double end =
      std::min<double>(run.end, std::max<double>(run.begin, middle - kLongest / 2) + kLongest);
  return {static_cast<int>(std::max<double>(run.begin, end - kLongest)), static_cast<int>(end)};
}

void add_crops(Range run, Range core, std::vector<Crop>& crops) {
  const int core_end = std::min(run.end, core.end);
  for (int begin = std::max(run.begin, core.begin); begin < core_end; begin += kWindowHop) {
    const Range piece{begin, std::min(begin + kWindowHop, core_end)};
    const double length = piece.end - piece.begin;
    const Range crop = around(piece, run);
    if (length < std::min<double>(kLeastOfCore, run.end - run.begin)) continue;
    if (crop.end - crop.begin < kShortest) continue;
    crops.push_back({crop.begin, crop.end, static_cast<float>(length * kFrameSeconds), {}});
  }
}

}  // namespace

std::vector<Crop> crops_of(const Window& window, Place place) {
  std::vector<Crop> crops;
  for (size_t speaker = 0; speaker < Window::kSpeakers; ++speaker) {
    for (const Range run : runs_alone(window, speaker)) add_crops(run, core_of(place), crops);
  }
  return crops;
}

Result<Embedding> embedding_of(const Crop& crop, std::span<const float> samples,
                               const FilterBank& bank, const Networks& networks) {
  const auto begin = static_cast<size_t>(std::lround(seconds_at(crop.begin) * 16000));
  const auto end = static_cast<size_t>(std::lround(seconds_at(crop.end) * 16000));
  constexpr size_t kMost = (Networks::kMostEmbedded - 1) * FilterBank::kHop + FilterBank::kWindow;
  // The frames of the filter bank that begin within the crop.
  const size_t reach = end - begin + FilterBank::kWindow - FilterBank::kHop;
  const size_t count = std::min({reach, kMost, samples.size() - begin});
  return networks.embed(bank.compute(samples.subspan(begin, count)));
}

}  // namespace steno::diarize
