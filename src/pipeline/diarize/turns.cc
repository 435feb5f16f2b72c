#include "pipeline/diarize/turns.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace steno::diarize {
namespace {

// Found on the recordings of bench/diarize: see docs/adr/0016-own-diarization.md.
constexpr float kSharpness = 10;  // of a crop's likeness to each speaker
constexpr float kReach = 1.5F;    // seconds in which a crop's vote falls to 1/e
constexpr float kFarVote = 1e-4F;
constexpr float kLeastPurity = 0.7F;
constexpr float kImpureVote = 0.3F;
constexpr float kSpeech = 0.4F;
constexpr float kTwo = 0.4F;
constexpr float kLeastActive = 0.02F;
constexpr double kShortestTurn = 0.1;  // seconds

/// For each speaker how surely the crop is of theirs; the sum is 1.
std::vector<float> ballot(const Crop& crop, std::optional<size_t> speaker,
                          std::span<const Embedding> speakers) {
  std::vector<float> votes(speakers.size());
  if (speaker) {
    votes[*speaker] = 1;
    return votes;
  }
  for (size_t i = 0; i < votes.size(); ++i) votes[i] = likeness(crop.embedding, speakers[i]);
  const float best = std::ranges::max(votes);
  float sum = 0;
  for (float& vote : votes) sum += vote = std::exp(kSharpness * (vote - best));
  for (float& vote : votes) vote /= sum;
  return votes;
}

/// What one crop says of a window's local speakers.
struct Vote {
  float middle = 0;                                         ///< frame of the window
  std::array<std::vector<float>, Window::kSpeakers> whose;  ///< per local speaker, per speaker
};

/// What is known so far of frames that windows to come may say more of.
class Frames {
 public:
  Frames(size_t speakers, int64_t length)
      : speakers_(speakers),
        length_(length),
        active_(Networks::kFrames * speakers),
        said_(Networks::kFrames),
        since_(speakers, kSilent) {}

  /// The window begins with the first frame that is here.
  void add(const Window& window, std::span<const Vote> votes) {
    std::vector<float> weights(votes.size());
    for (size_t i = 0; i < said_.size(); ++i) {
      const Window::Frame& frame = window.frames[i];
      const int sum = frame.active[0] + frame.active[1] + frame.active[2];
      Said& said = said_[i];
      said.speech += static_cast<float>(sum - frame.two) / Window::kCertain;
      said.two += static_cast<float>(frame.two) / Window::kCertain;
      ++said.windows;
      // Where there is one speaker, nobody has to be asked who it is.
      if (speakers_ == 1) active_[i] += static_cast<float>(sum) / Window::kCertain;
      if (sum == 0 || votes.empty() || speakers_ == 1) continue;
      for (size_t v = 0; v < votes.size(); ++v) {
        const float away = std::abs(static_cast<float>(i) - votes[v].middle);
        weights[v] = std::exp(-away * static_cast<float>(kFrameSeconds) / kReach) + kFarVote;
      }
      for (size_t local = 0; local < Window::kSpeakers; ++local) {
        if (frame.active[local] > 0) give(i, local, frame.active[local], votes, weights);
      }
    }
  }

  /// The first `count` frames are settled: they become turns.
  void settle(size_t count) {
    for (size_t i = 0; i < count && begin_ < length_; ++i, ++begin_) settle_frame(i);
    const auto move = [count](auto& list, size_t size) {
      std::ranges::copy(list.begin() + static_cast<std::ptrdiff_t>(count * size), list.end(),
                        list.begin());
      std::fill(list.end() - static_cast<std::ptrdiff_t>(count * size), list.end(),
                typename std::decay_t<decltype(list)>::value_type{});
    };
    move(active_, speakers_);
    move(said_, 1);
  }

  std::vector<Turn> finish() {
    for (size_t speaker = 0; speaker < speakers_; ++speaker) end_turn(speaker);
    std::ranges::stable_sort(turns_, {}, &Turn::start);
    return std::move(turns_);
  }

 private:
  static constexpr int64_t kSilent = -1;

  /// Sums over windows.
  struct Said {
    float speech = 0;
    float two = 0;
    float windows = 0;
  };

  void give(size_t frame, size_t local, uint8_t active, std::span<const Vote> votes,
            std::span<const float> weights) {
    std::vector<float>& whose = scratch_;
    whose.assign(speakers_, 0);
    float sum = 0;
    for (size_t v = 0; v < votes.size(); ++v) {
      const auto& ballot = votes[v].whose[local];
      for (size_t k = 0; k < speakers_; ++k) {
        whose[k] += weights[v] * ballot[k];
        sum += weights[v] * ballot[k];
      }
    }
    const float scale = static_cast<float>(active) / Window::kCertain / std::max(sum, 1e-9F);
    for (size_t k = 0; k < speakers_; ++k) active_[frame * speakers_ + k] += scale * whose[k];
  }

  void settle_frame(size_t frame) {
    const Said& said = said_[frame];
    const int talking =
        (said.speech > kSpeech * said.windows ? 1 : 0) + (said.two > kTwo * said.windows ? 1 : 0);
    const std::span<float> active(active_.data() + frame * speakers_, speakers_);
    std::array<size_t, 2> loudest = {speakers_, speakers_};
    for (int i = 0; i < talking; ++i) {
      const auto most = std::ranges::max_element(active);
      if (most == active.end() || *most < kLeastActive * said.windows) break;
      loudest[static_cast<size_t>(i)] = static_cast<size_t>(most - active.begin());
      *most = 0;
    }
    for (size_t speaker = 0; speaker < speakers_; ++speaker) {
      const bool talks = speaker == loudest[0] || speaker == loudest[1];
      if (!talks) end_turn(speaker);
      if (talks && since_[speaker] == kSilent) since_[speaker] = begin_;
    }
  }

  void end_turn(size_t speaker) {
    if (since_[speaker] == kSilent) return;
    const Turn turn{seconds_at(since_[speaker]), seconds_at(begin_), static_cast<int>(speaker)};
    if (turn.end - turn.start >= kShortestTurn) turns_.push_back(turn);
    since_[speaker] = kSilent;
  }

  const size_t speakers_;
  const int64_t length_;       // frames of the recording
  int64_t begin_ = 0;          // frame of the recording that is the first one here
  std::vector<float> active_;  // per frame and speaker, sum over windows
  std::vector<Said> said_;
  std::vector<int64_t> since_;  // per speaker, frame in which the turn began
  std::vector<Turn> turns_;
  std::vector<float> scratch_;
};

std::vector<Vote> votes_in(size_t window, std::span<const Sight> sights, const Voices& voices,
                           const std::vector<float>& purities, const Clustering& clustering) {
  std::vector<Vote> votes;
  for (const Sight& sight : sights) {
    const Crop& crop = voices.crops[sight.crop];
    const auto start = static_cast<int64_t>(window) * kWindowHop;
    Vote vote{static_cast<float>(crop.begin + crop.end - 2 * start) / 2, {}};
    const auto votes_of_crop = ballot(crop, clustering.crops[sight.crop], clustering.speakers);
    const float weight = std::min(static_cast<float>(crop.duration()), 2.0F) *
                         (purities[sight.crop] < kLeastPurity ? kImpureVote : 1);
    for (size_t local = 0; local < Window::kSpeakers; ++local) {
      const float share = sight.active[local] / std::max(sight.total(), 1e-3F);
      vote.whose[local] = votes_of_crop;
      for (float& value : vote.whose[local]) value *= share * share * weight;
    }
    votes.push_back(std::move(vote));
  }
  return votes;
}

}  // namespace

std::vector<Turn> turns_of(const Voices& voices, const std::vector<std::vector<Sight>>& sights,
                           const std::vector<float>& purities, const Clustering& clustering) {
  Frames frames(clustering.speakers.size(), voices.samples / Networks::kFrameShift);
  for (size_t number = 0; number < voices.windows.size(); ++number) {
    frames.add(voices.windows[number],
               votes_in(number, sights[number], voices, purities, clustering));
    const bool is_last = number + 1 == voices.windows.size();
    frames.settle(is_last ? Networks::kFrames : kWindowHop);
  }
  auto turns = frames.finish();
  const double duration = static_cast<double>(voices.samples) / 16000;
  for (Turn& turn : turns) turn.end = std::min(turn.end, duration);
  return turns;
}

}  // namespace steno::diarize
