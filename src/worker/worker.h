#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "base/mutex.h"
#include "fetch/fetch.h"
#include "jobs/lifecycle.h"
#include "worker/transcriber.h"

namespace steno {

class Attempt;
class Log;

/// The limits and intervals of one worker.
struct WorkerOptions {
  std::string name;  ///< unique among all workers, see new_worker_name()
  int jobs_at_once = 16;
  int short_reserve = 4;  ///< of those, places reserved for recordings of at most short_bytes
  int64_t short_bytes = int64_t{8} << 20;
  Milliseconds heartbeat{2000};
  Milliseconds poll{2000};  ///< between looks for work without a hint
};

/// Downloads the audio of a URL: fetch::Fetcher::fetch().
using FetchAudio = std::function<tl::expected<fetch::Fetched, fetch::FetchError>(
    const std::string& url, fetch::Sink& sink, const std::stop_token& stop)>;

/// The objects that a worker uses. All must outlive it.
struct WorkerParts {
  Lifecycle& lifecycle;
  Queue& queue;
  blob::BlobStore& blobs;
  Notifier& event_notifier;  ///< notified when an event of a job is added
  Transcriber& transcriber;
  FetchAudio fetch;
  Log& log;
};

/// Claims jobs and runs several at the same time: audio, transcript, result. Reports progress and
/// sends heartbeats. Stops the work on cancelled and lost jobs within a second. An error of the
/// work fails the job; a database that does not answer is retried.
///
/// One thread claims, one reports, one listens for notifications, and each job has its own thread.
class Worker {
 public:
  Worker(WorkerParts parts, WorkerOptions options);
  /// Calls stop() without a grace period.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Claims no more jobs and lets the running ones end for up to `grace`. Then stops the others,
  /// which keep their checkpoints, and gives them back to the queue within 5 s. Returns when their
  /// threads have ended. Thread-safe; a second call can make the grace shorter.
  void stop(Milliseconds grace);
  /// The number of running jobs.
  int running() const;

 private:
  struct Running;

  void claim_jobs(const std::stop_token& stop);
  /// Claims a job and starts it, or waits for a hint to look again.
  void claim_one(const WorkerCapacity& capacity, const std::stop_token& stop);
  void wait_for_hint(const std::stop_token& stop);
  /// Waits for a free place; returns which jobs can take it.
  WorkerCapacity wait_for_capacity(const std::stop_token& stop);
  bool runs_suspect() const;
  void give_back_jobs();
  bool all_over() const REQUIRES(mutex_);
  void start(Lease lease);
  void join_ended();
  void report_attempts(const std::stop_token& stop);
  void listen(const std::stop_token& stop);
  void watch_events(const std::stop_token& stop);
  std::vector<std::shared_ptr<Attempt>> attempts() const;

  const WorkerParts parts_;
  const WorkerOptions options_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::list<Running> running_ GUARDED_BY(mutex_);
  std::stop_source pop_stop_
      GUARDED_BY(mutex_);  // ends the pop when there is more capacity than before
  std::chrono::steady_clock::time_point deadline_ GUARDED_BY(mutex_) =
      std::chrono::steady_clock::time_point::max();
  Mutex stopping_;  // held by the call that stops

  std::jthread listener_;
  std::jthread reporter_;
  std::jthread claimer_;
};

}  // namespace steno
