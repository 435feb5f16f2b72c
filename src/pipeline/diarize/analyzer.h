#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/checkpoint_log.h"
#include "pipeline/diarize/crops.h"
#include "pipeline/diarize/voices.h"

namespace steno::diarize {

/// Finds the voices of one recording while its samples arrive, on threads of its own. Beside what
/// it finds, its memory does not grow with the recording. For one caller at a time.
class Analyzer {
 public:
  /// `threads` at least 1. `checkpoint`, if any, outlives it: windows that an earlier attempt
  /// analysed are taken from there, and those of this one recorded.
  Analyzer(std::shared_ptr<const Networks> networks, int threads,
           CheckpointLog* checkpoint = nullptr);
  /// Gives up what is not finished, within the time of a window (0.1 s).
  ~Analyzer();

  /// Takes the next samples of the recording, 16 kHz mono in [-1, 1]; waits while the threads have
  /// enough to do. After a failure, and once stop() was called, it takes and forgets them.
  void push(std::span<const float> samples);
  /// Says that the recording has ended, and waits for what there is to find. Errors: unavailable,
  /// when the networks failed; cancelled. Call it once.
  Result<Voices> finish();
  /// Ends the work and all waiting for it. From any thread.
  void stop();

 private:
  struct Task {
    Place place;
    std::vector<float> samples;
    std::string key = {};
  };
  struct Found {
    Window window;
    std::vector<Crop> crops;
  };

  void enqueue(Task task);
  std::string next_key(const Task& task);
  std::optional<Found> recall(const std::string& key) const;
  void record(const Task& task, const Found& found) const;
  void work(const std::stop_token& stop);
  Result<Found> analyze(const Task& task) const;

  const std::shared_ptr<const Networks> networks_;
  const FilterBank bank_;
  CheckpointLog* const checkpoint_;
  std::string last_key_ = {};   // of the last window
  int64_t length_ = 0;          // samples so far
  int64_t next_ = 0;            // number of the next window
  std::vector<float> samples_;  // from its start

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_;
  size_t running_ = 0;
  std::map<int64_t, Found> found_;
  std::optional<Error> failure_;
  std::stop_source stop_;
  std::vector<std::jthread> threads_;
};

}  // namespace steno::diarize
