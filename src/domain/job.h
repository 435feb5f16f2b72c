#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace steno {

/// The states of a job. What may follow what is in may_move().
enum class State { pending, processing, completed, failed, cancelled };

std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view name);
/// The transition table: pending -> processing -> completed | failed | cancelled, with the ways
/// back: a processing job that is tried again or given back, a failed one that is sent again.
bool may_move(State from, State to);
/// Nothing follows by itself.
bool is_final(State state);

/// Where a job's audio comes from: a blob, or an address that the worker fetches.
struct AudioSource {
  std::string blob;  ///< key of the blob; empty until an address has been fetched
  std::string url;
  std::string name;   ///< the file's name as the client gave it
  int64_t bytes = 0;  ///< 0: not known

  bool operator==(const AudioSource&) const = default;
};

/// Why a job failed, or why its last attempt did.
struct Failure {
  std::string code;     ///< stable: "bad_audio", "fetch_failed", "worker_lost", "timed_out", …
  std::string message;  ///< one line for the client; no secrets, no paths of the machine

  bool operator==(const Failure&) const = default;
};

/// One job, as it is stored. Only Lifecycle makes a changed one.
struct Job {
  std::string id;
  std::string owner;     ///< of the API key that submitted it
  std::string key_id;    ///< that key, for its usage
  std::string batch_id;  ///< empty: none
  std::string type = "transcription";
  State state = State::pending;
  std::string stage;    ///< "queued", "fetching", "transcribing", …; only grows within an attempt
  double progress = 0;  ///< percent; only grows within an attempt

  int priority = 5;  ///< 0 to 9, 9 first
  int attempt = 0;   ///< attempts begun that count
  int max_attempts = 3;
  int losses = 0;          ///< attempts that ended with their worker; not among `attempt`
  int64_t version = 0;     ///< grows with every change; of the row as it was read
  int64_t fence = 0;       ///< grows with every claim: a late worker's writes do not match
  int64_t heartbeats = 0;  ///< grows with every heartbeat; stands still when the worker is lost
  std::string worker;      ///< who has the lease; empty: nobody

  Time created_at;
  Time updated_at;
  Time available_at;                ///< pending: not before this (back-off)
  std::optional<Time> queue_until;  ///< pending: fails after this
  std::optional<Time> started_at;   ///< of the last attempt
  std::optional<Time> finished_at;
  Milliseconds time_limit{0};  ///< of one attempt; 0: none

  AudioSource source;
  std::string model;
  std::string options;  ///< a JSON object: decoding options by their names, checked
  std::string recording_id;
  std::string rerun_of;  ///< the job from whose stages this one starts; empty: none
  std::string metadata;  ///< a JSON object, as the client gave it; empty: none

  double audio_seconds = 0;    ///< known at the end
  double compute_seconds = 0;  ///< all attempts
  std::string result;          ///< key of the blob with the transcript as JSON
  std::vector<std::string> warnings;
  std::optional<Failure> failure;
  bool dead_letter = false;  ///< failed after all attempts; waits for somebody to look at it

  bool operator==(const Job&) const = default;
};

}  // namespace steno
