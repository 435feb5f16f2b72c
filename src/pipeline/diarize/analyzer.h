#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/checkpoint_log.h"
#include "base/mutex.h"
#include "pipeline/diarize/excerpts.h"
#include "pipeline/diarize/voices.h"

namespace steno::diarize {

/// Finds the voices of one recording while its samples arrive, on its own threads. Only the result
/// grows with the recording (see Voices); all other memory is bounded. push() and finish() are for
/// one caller at a time; stop() may be called from any thread.
class Analyzer {
 public:
  /// `threads` is at least 1. If there is a `checkpoint`, it outlives the object: windows of an
  /// earlier attempt are taken from it, and new ones are recorded in it.
  Analyzer(std::shared_ptr<const Networks> networks, int threads,
           CheckpointLog* checkpoint = nullptr);
  /// Stops the threads. Waits for the windows that they are working on (0.1 s each).
  ~Analyzer();

  /// Takes the next samples of the recording, 16 kHz mono in [-1, 1]. Blocks while two windows per
  /// thread are waiting or in work. After a failure or stop() the samples are dropped.
  void push(std::span<const float> samples);
  /// Ends the recording and waits for the result. Errors: unavailable when a network failed;
  /// cancelled after stop(). Call it once.
  Result<Voices> finish();
  /// Ends the work. Calls that wait return.
  void stop();

 private:
  struct Task {
    WindowPosition position;
    std::vector<float> samples;
    std::string key = {};
  };
  struct Found {
    SpeakerWindow window;
    std::vector<Excerpt> excerpts;
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

  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> tasks_ GUARDED_BY(mutex_);
  size_t running_ GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Found> found_ GUARDED_BY(mutex_);
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  std::stop_source stop_;
  std::vector<std::jthread> threads_;
};

}  // namespace steno::diarize
