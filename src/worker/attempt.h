#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "jobs/lifecycle.h"
#include "worker/worker.h"

namespace steno {

/// One attempt of a Worker at one job. Private to worker/.
///
/// run() is the job's thread; the worker's threads call the other functions. The engine's thread
/// only stores its findings, and pulse() writes them, so a database that does not answer does not
/// delay the model.
class Attempt {
 public:
  Attempt(const WorkerParts& parts, const WorkerOptions& options, Lease lease);

  /// Runs the whole attempt and writes its end to the store.
  void run();

  /// Reports new segments and progress, sends heartbeats, and enforces the time limit. Call it
  /// several times a second.
  void pulse(std::chrono::steady_clock::time_point now);
  /// Stops the work if the job is no longer this worker's.
  void look();
  /// Stops the work. The job's thread then keeps its checkpoint and gives the job back.
  void stop_to_give_back();
  /// As stop_to_give_back(), but immediately, without waiting for the checkpoint.
  void give_back_now();

  bool is_over() const { return is_over_; }
  /// See steno::is_suspect().
  bool is_suspect() const { return is_suspect_; }

 private:
  using Steady = std::chrono::steady_clock;
  class EventSink;

  /// The reason why the work was stopped.
  enum class Stopped { no, cancelled, lost, timed_out, given_back };

  /// The reason why the work failed.
  struct Trouble {
    Failure failure;
    Retry retry = Retry::yes;
  };
  template <class T>
  using Outcome = tl::expected<T, Trouble>;

  Outcome<AttemptResult> work();
  Outcome<void> fetch();
  Outcome<Transcript> transcribe();
  Outcome<AttemptResult> store(const Transcript& transcript);
  /// The message of the error must be fit for the client.
  static Trouble trouble_of(const Error& error);

  void enter(Stage stage);
  void remove(const std::string& key);
  void settle(const Outcome<AttemptResult>& outcome);
  void settle_once(const Outcome<AttemptResult>& outcome);
  LeaseStatus settle_failed(const Trouble& trouble);
  LeaseStatus give_back();
  /// Repeats the call while the store does not answer.
  template <class Call>
  void patiently(const Call& call);
  /// Reports the findings of the engine's thread. The lease must be locked.
  void tell(Steady::time_point now);
  bool has_updates(Steady::time_point now);
  void stop(Stopped why);
  void stop_unless_kept(LeaseStatus hold);
  double seconds_spent() const;

  const WorkerParts& parts_;
  const WorkerOptions& options_;
  Job job_;  // as claimed, plus the audio once it is fetched; used by the job's thread only
  const Milliseconds time_limit_;
  const bool is_suspect_;
  const Steady::time_point begin_ = Steady::now();
  std::stop_source stop_source_;
  std::atomic<Stopped> stopped_ = Stopped::no;
  std::atomic<bool> is_over_ = false;

  std::mutex lease_mutex_;  // one call with the lease at a time; locked before findings_mutex_
  Lease lease_;
  bool is_settled_ = false;
  Steady::time_point reported_at_ = begin_;
  Steady::time_point progress_reported_at_ = begin_ - std::chrono::hours(1);
  Steady::time_point not_before_ = begin_;  // after the store has failed

  std::mutex findings_mutex_;
  Stage stage_;
  double progress_ = 0;
  std::vector<std::string> segments_;  // not yet reported
  size_t first_segment_ = 0;
};

}  // namespace steno
