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

/// How far one recording is.
struct FileProgress {
  double done = 0;               ///< seconds of audio, or percent
  std::optional<double> length;  ///< seconds it has, when known; 100 percent
  ProgressUnit unit = ProgressUnit::seconds;
};

/// Hears what becomes of each input, on the thread that called `FileRunner::run`, one call at a
/// time. Inputs are named by their place on the command line.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void started(size_t input) = 0;
  virtual void segment(size_t input, const Segment& segment) = 0;
  virtual void progress(size_t input, const FileProgress& progress) = 0;
  virtual void finished(size_t input, Result<Transcript> result) = 0;
  /// Called after each of the above, and ten times a second.
  virtual void tick() {}
};

/// Tells the runner of one input's progress; thread-safe.
struct JobEvents {
  std::function<void(const Segment&)> segment;
  std::function<void(const FileProgress&)> progress;
};

/// Transcribes one input; called from several threads at once. An exception counts as that
/// input's failure.
using FileJob = std::function<Result<Transcript>(size_t input, const JobEvents&, std::stop_token)>;

/// Runs the inputs of one call, `at_once` of them side by side, started in their order.
class FileRunner {
 public:
  FileRunner(FileJob job, size_t at_once);
  /// Waits for every thread that `run` has not given up.
  ~FileRunner();

  /// Returns when every input has finished, or, once `stop` is requested, when those that run
  /// have, or `grace` later. False when threads still run then: the job's references must stay
  /// valid, and the process should end without destroying anything.
  bool run(size_t count, RunObserver& observer, std::stop_token stop,
           std::chrono::milliseconds grace);

 private:
  struct Shared;
  FileJob job_;
  size_t at_once_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace steno::app
