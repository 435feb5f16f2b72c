// Problem: each window of 10 s numbers its speakers anew, and five windows contain each moment.
//
// Idea: the excerpts near a frame vote on the speaker behind each local speaker of a window; near,
// pure and long excerpts have more weight. The activity of a speaker in a frame is the mean over
// all windows that contain the frame. If the windows find one voice in the frame, the most active
// speaker talks there; if they find two at once, the two most active ones do.

#include "pipeline/diarize/turns.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace steno::diarize {
namespace {

// Found on the recordings of bench/diarize: see docs/adr/0016-own-diarization.md.
constexpr float kSharpness = 10;  // of the softmax over an excerpt's cosines
constexpr float kReach = 1.5F;    // seconds in which an excerpt's vote falls to 1/e
constexpr float kFarVote = 1e-4F;
constexpr float kPureVote = 0.7F;
constexpr float kImpureVote = 0.3F;
constexpr float kSpeech = 0.4F;
constexpr float kTwo = 0.4F;
constexpr float kLeastActive = 0.02F;
constexpr double kShortestTurn = 0.1;  // seconds

/// The probability of each speaker for an excerpt; the sum is 1.
std::vector<float> speaker_votes(const Excerpt& excerpt, std::optional<size_t> speaker,
                                 std::span<const Embedding> speakers) {
  std::vector<float> votes(speakers.size());
  if (speaker) {
    votes[*speaker] = 1;
    return votes;
  }
  for (size_t i = 0; i < votes.size(); ++i) {
    votes[i] = cosine_similarity(excerpt.embedding, speakers[i]);
  }
  const float best = std::ranges::max(votes);
  float sum = 0;
  for (float& vote : votes) sum += vote = std::exp(kSharpness * (vote - best));
  for (float& vote : votes) vote /= sum;
  return votes;
}

/// The votes of one excerpt on the local speakers of a window.
struct Vote {
  float middle = 0;  ///< of the excerpt, a frame of the window
  /// For each local speaker of the window, the votes for each speaker of the recording.
  std::array<std::vector<float>, SpeakerWindow::kSpeakers> by_speaker;
};

/// Sums over windows for the frames that later windows may still contain.
class Frames {
 public:
  Frames(size_t speakers, int64_t length)
      : speakers_(speakers),
        length_(length),
        active_(Networks::kFrames * speakers),
        sums_(Networks::kFrames),
        since_(speakers, kSilent) {}

  /// Adds a window that begins with the first of these frames.
  void add(const SpeakerWindow& window, std::span<const Vote> votes) {
    std::vector<float> weights(votes.size());
    for (size_t i = 0; i < sums_.size(); ++i) {
      const SpeakerWindow::Frame& frame = window.frames[i];
      const int sum = frame.active[0] + frame.active[1] + frame.active[2];
      FrameSums& sums = sums_[i];
      sums.speech += static_cast<float>(sum - frame.two) / SpeakerWindow::kCertain;
      sums.two += static_cast<float>(frame.two) / SpeakerWindow::kCertain;
      ++sums.windows;
      // A single speaker needs no votes.
      if (speakers_ == 1) active_[i] += static_cast<float>(sum) / SpeakerWindow::kCertain;
      if (sum == 0 || votes.empty() || speakers_ == 1) continue;
      for (size_t v = 0; v < votes.size(); ++v) {
        const float away = std::abs(static_cast<float>(i) - votes[v].middle);
        weights[v] = std::exp(-away * static_cast<float>(kFrameSeconds) / kReach) + kFarVote;
      }
      for (size_t local = 0; local < SpeakerWindow::kSpeakers; ++local) {
        if (frame.active[local] > 0) add_votes(i, local, frame.active[local], votes, weights);
      }
    }
  }

  /// Turns the first `count` frames, which no later window contains, into turns.
  void settle(size_t count) {
    for (size_t i = 0; i < count && begin_ < length_; ++i, ++begin_) settle_frame(i);
    const auto move = [count](auto& list, size_t size) {
      std::ranges::copy(list.begin() + static_cast<std::ptrdiff_t>(count * size), list.end(),
                        list.begin());
      std::fill(list.end() - static_cast<std::ptrdiff_t>(count * size), list.end(),
                typename std::decay_t<decltype(list)>::value_type{});
    };
    move(active_, speakers_);
    move(sums_, 1);
  }

  std::vector<Turn> finish() {
    for (size_t speaker = 0; speaker < speakers_; ++speaker) end_turn(speaker);
    std::ranges::stable_sort(turns_, {}, &Turn::start);
    return std::move(turns_);
  }

 private:
  static constexpr int64_t kSilent = -1;

  /// Sums over the windows that contain a frame.
  struct FrameSums {
    float speech = 0;
    float two = 0;
    float windows = 0;
  };

  void add_votes(size_t frame, size_t local, uint8_t active, std::span<const Vote> votes,
                 std::span<const float> weights) {
    std::vector<float>& by_speaker = scratch_;
    by_speaker.assign(speakers_, 0);
    float sum = 0;
    for (size_t v = 0; v < votes.size(); ++v) {
      const auto& speaker_votes = votes[v].by_speaker[local];
      for (size_t k = 0; k < speakers_; ++k) {
        by_speaker[k] += weights[v] * speaker_votes[k];
        sum += weights[v] * speaker_votes[k];
      }
    }
    const float scale = static_cast<float>(active) / SpeakerWindow::kCertain / std::max(sum, 1e-9F);
    for (size_t k = 0; k < speakers_; ++k) active_[frame * speakers_ + k] += scale * by_speaker[k];
  }

  void settle_frame(size_t frame) {
    const FrameSums& sums = sums_[frame];
    const int talking =
        (sums.speech > kSpeech * sums.windows ? 1 : 0) + (sums.two > kTwo * sums.windows ? 1 : 0);
    const std::span<float> active(active_.data() + frame * speakers_, speakers_);
    std::array<size_t, 2> loudest = {speakers_, speakers_};
    for (int i = 0; i < talking; ++i) {
      const auto most = std::ranges::max_element(active);
      if (most == active.end() || *most < kLeastActive * sums.windows) break;
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
  int64_t begin_ = 0;          // the first of these frames, counted from the start of the recording
  std::vector<float> active_;  // per frame and speaker, sum over windows
  std::vector<FrameSums> sums_;
  std::vector<int64_t> since_;  // per speaker, frame in which the turn began
  std::vector<Turn> turns_;
  std::vector<float> scratch_;
};

std::vector<Vote> votes_in(size_t window, std::span<const Observation> observations,
                           const Voices& voices, const std::vector<float>& purities,
                           const Clustering& clustering) {
  std::vector<Vote> votes;
  for (const Observation& observation : observations) {
    const Excerpt& excerpt = voices.excerpts[observation.excerpt];
    const auto start = static_cast<int64_t>(window) * kWindowHop;
    Vote vote{static_cast<float>(excerpt.begin + excerpt.end - 2 * start) / 2, {}};
    const auto votes_of_excerpt =
        speaker_votes(excerpt, clustering.excerpts[observation.excerpt], clustering.speakers);
    const float weight = std::min(static_cast<float>(excerpt.duration()), 2.0F) *
                         (purities[observation.excerpt] < kPureVote ? kImpureVote : 1);
    for (size_t local = 0; local < SpeakerWindow::kSpeakers; ++local) {
      const float share = observation.active[local] / std::max(observation.total(), 1e-3F);
      vote.by_speaker[local] = votes_of_excerpt;
      for (float& value : vote.by_speaker[local]) value *= share * share * weight;
    }
    votes.push_back(std::move(vote));
  }
  return votes;
}

}  // namespace

std::vector<Turn> turns_of(const Voices& voices,
                           const std::vector<std::vector<Observation>>& observations,
                           const std::vector<float>& purities, const Clustering& clustering) {
  Frames frames(clustering.speakers.size(), voices.samples / Networks::kFrameShift);
  for (size_t number = 0; number < voices.windows.size(); ++number) {
    frames.add(voices.windows[number],
               votes_in(number, observations[number], voices, purities, clustering));
    const bool is_last = number + 1 == voices.windows.size();
    frames.settle(is_last ? Networks::kFrames : kWindowHop);
  }
  auto turns = frames.finish();
  const double duration = static_cast<double>(voices.samples) / 16000;
  for (Turn& turn : turns) turn.end = std::min(turn.end, duration);
  return turns;
}

}  // namespace steno::diarize
