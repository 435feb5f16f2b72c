#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "app/terminal/progress_unit.h"
#include "base/result.h"
#include "transcript/transcript.h"

namespace steno::app {

/// The progress of one recording.
struct FileProgress {
  double done = 0;               ///< seconds of audio, or percent
  std::optional<double> length;  ///< total seconds, if known; 100 for percent
  ProgressUnit unit = ProgressUnit::seconds;
};

/// Receives the events of all inputs, on the thread that called `FileRunner::run`, one call at a
/// time. Inputs are identified by their position on the command line.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void started(size_t input) = 0;
  virtual void segment(size_t input, const Segment& segment) = 0;
  virtual void progress(size_t input, const FileProgress& progress) = 0;
  virtual void finished(size_t input, Result<Transcript> result) = 0;
  /// Called after each of the functions above, and ten times a second.
  virtual void tick() {}
};

/// Reports one input's events to the runner. Thread-safe.
struct JobEvents {
  std::function<void(const Segment&)> segment;
  std::function<void(const FileProgress&)> progress;
};

/// Transcribes one input. Called from several threads at once. An exception counts as a failure of
/// that input.
using FileJob = std::function<Result<Transcript>(size_t input, const JobEvents&, std::stop_token)>;

/// Runs the inputs of one call in order, at most `at_once` at the same time.
class FileRunner {
 public:
  FileRunner(FileJob job, size_t at_once);
  /// Waits for every thread that `run` has not abandoned.
  ~FileRunner();

  /// Returns when every input has finished. After `stop` is requested, returns when the running
  /// inputs have finished, or `grace` later. Returns false if threads are still running then: the
  /// job's references must stay valid, and the process should exit without destroying anything.
  bool run(size_t count, RunObserver& observer, std::stop_token stop,
           std::chrono::milliseconds grace);

 private:
  struct Shared;
  FileJob job_;
  size_t at_once_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace steno::app
