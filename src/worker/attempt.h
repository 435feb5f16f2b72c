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

/// One attempt at one job, in the hands of a Worker. Private to worker/.
///
/// run() is the job's thread; the others are called from the worker's own threads meanwhile. The
/// engine's thread only leaves what it finds; pulse() tells the store, so that a database that does
/// not answer keeps no model waiting.
class Attempt {
 public:
  Attempt(const WorkerParts& parts, const WorkerOptions& options, Lease lease);

  /// The whole attempt, to its end in the store.
  void run();

  /// Tells what is new, that the worker lives, and ends the attempt that takes too long. To be
  /// called several times a second.
  void pulse(std::chrono::steady_clock::time_point now);
  /// Stops the work if the job is no longer this worker's.
  void look();
  /// Stops the work. The job's thread then keeps its checkpoint and gives the job back.
  void stop_to_give_back();
  /// The same at once, without waiting for the checkpoint.
  void give_back_now();

  bool is_over() const { return is_over_; }
  /// See steno::is_suspect().
  bool is_suspect() const { return is_suspect_; }

 private:
  using Steady = std::chrono::steady_clock;
  class EventSink;

  /// Why the work was stopped.
  enum class Stopped { no, cancelled, lost, timed_out, given_back };

  /// Why the work did not succeed.
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
  void settle(const Outcome<AttemptResult>& outcome);
  void settle_once(const Outcome<AttemptResult>& outcome);
  LeaseStatus settle_failed(const Trouble& trouble);
  LeaseStatus give_back();
  /// Calls again while the store does not answer.
  template <class Call>
  void patiently(const Call& call);
  /// Of what the engine's thread has left. The lease is locked.
  void tell(Steady::time_point now);
  bool has_updates(Steady::time_point now);
  void stop(Stopped why);
  void stop_unless_kept(LeaseStatus hold);
  double seconds_spent() const;

  const WorkerParts& parts_;
  const WorkerOptions& options_;
  Job job_;  // as claimed, with the audio once it is fetched; the job's thread's alone
  const Milliseconds time_limit_;
  const bool is_suspect_;
  const Steady::time_point begin_ = Steady::now();
  std::stop_source stop_source_;
  std::atomic<Stopped> stopped_ = Stopped::no;
  std::atomic<bool> is_over_ = false;

  std::mutex lease_mutex_;  // one call with the lease at a time; before findings_mutex_
  Lease lease_;
  bool is_settled_ = false;
  Steady::time_point reported_at_ = begin_;
  Steady::time_point progress_reported_at_ = begin_ - std::chrono::hours(1);
  Steady::time_point not_before_ = begin_;  // after the store has failed

  std::mutex findings_mutex_;
  Stage stage_;
  double progress_ = 0;
  std::vector<std::string> segments_;  // not yet told of
  size_t first_segment_ = 0;
};

}  // namespace steno
