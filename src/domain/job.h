#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace steno {

/// The states of a job. may_move() has the same transitions as a table:
///
///     pending    -> processing  a worker claims the job
///                -> failed      its time in the queue is over (`queue_until`)
///                -> cancelled   a client cancels it
///     processing -> completed   the result is stored
///                -> failed      the error is permanent, or no attempt is left
///                -> pending     a retry after a transient error or a lost worker, or a hand-back
///                -> cancelled   a client cancels it
///     failed     -> pending     a client or an operator retries it
enum class State { pending, processing, completed, failed, cancelled };

std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view name);
/// Whether State lists the transition.
bool may_move(State from, State to);
/// Whether no transition follows automatically.
bool is_final(State state);

/// The source of a job's audio: a blob, or a URL that the worker downloads.
struct AudioSource {
  std::string blob;  ///< key of the blob; empty until a URL has been downloaded
  std::string url;
  std::string name;   ///< the file name that the client gave
  int64_t bytes = 0;  ///< 0: unknown

  bool operator==(const AudioSource&) const = default;
};

/// The reason why a job, or its last attempt, failed.
struct Failure {
  std::string code;     ///< stable: "bad_audio", "fetch_failed", "worker_lost", "timed_out", …
  std::string message;  ///< one line for the client, without secrets and paths of the machine

  bool operator==(const Failure&) const = default;
};

/// One job as it is stored. Only Lifecycle changes jobs.
struct Job {
  std::string id;
  std::string owner;     ///< owner of the API key that submitted it
  std::string key_id;    ///< that key, for usage statistics
  std::string batch_id;  ///< empty: none
  std::string type = "transcription";
  State state = State::pending;
  /// "queued", "fetching", "transcribing", …: to_string(Stage). Within one attempt it only moves
  /// forward; the next attempt begins anew.
  std::string stage;
  double progress = 0;  ///< percent; within one attempt it never decreases

  int priority = 5;  ///< 0 to 9, 9 first
  int attempt = 0;   ///< started attempts that count
  int max_attempts = 3;
  int losses = 0;       ///< attempts that ended with their worker; not counted in `attempt`
  int64_t version = 0;  ///< increases with every change; value when the row was read
  int64_t fence = 0;    ///< increases with every claim, so that a late worker's writes do not match
  int64_t heartbeats = 0;  ///< increases with every heartbeat; unchanged if the worker is lost
  std::string worker;      ///< holder of the lease; empty: none

  Time created_at;
  Time updated_at;
  /// pending: the earliest time of a claim: the submission, or the end of the last back-off.
  Time available_at;
  std::optional<Time> queue_until;  ///< pending: fails after this time
  std::optional<Time> started_at;   ///< start of the last attempt
  std::optional<Time> finished_at;
  Milliseconds time_limit{0};  ///< of one attempt; 0: no limit

  AudioSource source;
  std::string model;
  std::string options;  ///< a JSON object: decoding options by name, validated
  std::string recording_id;
  std::string rerun_of;  ///< the job whose stage outputs this one uses; empty: none
  std::string metadata;  ///< a JSON object from the client; empty: none

  double audio_seconds = 0;    ///< known when the job has ended
  double compute_seconds = 0;  ///< sum of all attempts
  std::string result;          ///< key of the blob with the transcript as JSON
  std::vector<std::string> warnings;
  std::optional<Failure> failure;
  /// failed: the last error was transient or a lost worker, and no attempt was left. Retention
  /// keeps the job until an operator retries or discards it.
  bool dead_letter = false;

  bool operator==(const Job&) const = default;
};

}  // namespace steno
