#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <tl/expected.hpp>
#include <vector>

#include "fetch/fetch.h"
#include "jobs/lifecycle.h"
#include "worker/transcriber.h"

namespace steno {

class Attempt;
class Log;

/// How one worker works.
struct WorkerOptions {
  std::string name;  ///< unlike every other worker's, see new_worker_name()
  int jobs_at_once = 16;
  int short_reserve = 4;  ///< of those, places kept for recordings of at most short_bytes
  int64_t short_bytes = int64_t{8} << 20;
  Milliseconds heartbeat{2000};
  Milliseconds poll{2000};  ///< between looks for work without a hint
};

/// Gets the audio of a URL: fetch::Fetcher::fetch().
using FetchAudio = std::function<tl::expected<fetch::Fetched, fetch::FetchError>(
    const std::string& url, fetch::Sink& sink, const std::stop_token& stop)>;

/// What a worker works with; all of it outlives the worker.
struct WorkerParts {
  Lifecycle& lifecycle;
  Queue& queue;
  blob::BlobStore& blobs;
  Notifier& event_notifier;  ///< rung when an event of a job was added
  Transcriber& transcriber;
  FetchAudio fetch;
  Log& log;
};

/// Takes jobs from the queue and runs several at once: audio, transcript, result. Tells how far
/// they are, that it lives, and stops the work of jobs that are cancelled or taken away within a
/// second. What fails is the job's failure; a database that does not answer is waited for.
///
/// One thread claims, one tells, one listens for news, and each job has one of its own.
class Worker {
 public:
  Worker(WorkerParts parts, WorkerOptions options);
  /// stop() without a grace.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Claims no more jobs and lets the running ones end for up to `grace`. Then stops the others,
  /// which keep their checkpoints, and gives them back to the queue within 5 s. Returns when their
  /// threads have ended. Thread-safe; a second call can make the grace shorter.
  void stop(Milliseconds grace);
  /// How many jobs run.
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
  /// The mutex is locked.
  bool all_over() const;
  void start(Lease lease);
  void join_ended();
  void tell(const std::stop_token& stop);
  void listen(const std::stop_token& stop);
  void watch_events(const std::stop_token& stop);
  std::vector<std::shared_ptr<Attempt>> attempts() const;

  const WorkerParts parts_;
  const WorkerOptions options_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Running> running_;
  std::stop_source pop_stop_;  // ends the pop when there is more capacity than before
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::mutex stopping_;  // held by the call that stops

  std::jthread listener_;
  std::jthread teller_;
  std::jthread claimer_;
};

}  // namespace steno
