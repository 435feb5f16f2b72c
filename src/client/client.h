#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "transcript/transcript.h"

// A client of Steno's service.

namespace steno::client {

/// The service and the caller's key.
struct Server {
  std::string url;  ///< as returned by checked_url()
  std::string key;  ///< API key, sent as bearer token; empty: none. Never part of a message.
  /// File of trusted certificates (PEM); empty: the certificates that the machine trusts.
  std::string trusted_certificates;
};

/// How long to retry if the service is unavailable.
struct Patience {
  int attempts = 5;                              ///< of one call that may be repeated
  std::chrono::milliseconds first_wait{250};     ///< before the second attempt; then doubled
  std::chrono::milliseconds longest_wait{8000};  ///< also limits the wait that the service requests
  /// While watching a job: how long a service that was available may be unreachable.
  std::chrono::milliseconds unreachable{120'000};
};

/// Names and values, as in a query or a form.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A job as the service describes it. Fields without information are empty.
struct JobInfo {
  std::string id;
  std::string status;  ///< pending, processing, completed, failed or cancelled
  std::string stage;
  double progress = 0;  ///< percent
  std::string created_at, started_at, finished_at;
  int priority = 0;
  int attempt = 0;
  int max_attempts = 0;
  std::string model;
  std::string audio_name;
  std::optional<double> audio_seconds;
  std::string recording_id;
  std::string batch_id;
  std::optional<int> queue_position;
  std::optional<double> seconds_left;
  std::vector<std::string> warnings;
  std::string error_code;
  std::string error;
  std::string json;  ///< the whole description as one line
};

/// A page of jobs, newest first.
struct JobPage {
  std::vector<JobInfo> jobs;
  std::string next_cursor;  ///< of the next page; empty: this is the last page
};

/// The progress of a watched job.
struct JobProgress {
  std::string status;  ///< as in JobInfo; empty: unchanged
  std::string stage;   ///< empty: unchanged
  double percent = 0;
};

/// The end of a watched job.
struct JobEnd {
  std::string status;  ///< completed, failed or cancelled
  std::string error;   ///< the reason of a failure
};

/// Receives the events of a job, on the thread that watches it.
class JobWatcher {
 public:
  virtual ~JobWatcher() = default;
  virtual void progress(const JobProgress& progress) = 0;
  /// Called once for each segment, in order.
  virtual void segment(const Segment& segment) = 0;
};

/// Normalises an address for Server: without a slash at its end. Fails with invalid_argument for a
/// text that is not the address of a service.
Result<std::string> checked_url(const std::string& url);
/// Whether the text can be sent as a key. The error does not repeat the text.
Result<void> check_key(const std::string& key);

/// Calls of the service's API. Errors are one line:
///
/// - `not_found`: this key has no such job;
/// - `conflict`: the job is in another state;
/// - `invalid_argument`: the service refused the request;
/// - `unavailable`: the service cannot be reached, is full, or failed;
/// - `io`: the recording cannot be read;
/// - `cancelled`: within a second after `stop` was requested.
///
/// Calls without side effects, and submissions, which have an idempotency key, are retried if the
/// service was unreachable or full. Not thread-safe; several objects are independent.
class Client {
 public:
  explicit Client(Server server, Patience patience = {});
  ~Client();
  Client(Client&&) noexcept;

  /// Sends a recording: a file, which is streamed, or "-" for standard input. Returns the new job's
  /// id. A complete submission still waits 0.3 s for its answer after `stop`, so that the job can
  /// be cancelled.
  Result<std::string> submit(const std::string& path, const Fields& fields, std::stop_token stop);

  /// Returns the job. With `wait`, returns when the job's state has changed, or after that time.
  Result<JobInfo> job(const std::string& id, std::chrono::seconds wait, std::stop_token stop);
  /// `filters` have the API's names: status, limit, cursor…
  Result<JobPage> list(const Fields& filters, std::stop_token stop);
  /// Returns the transcript. `query` contains `format` and the subtitle options.
  Result<std::string> result(const std::string& id, const Fields& query, std::stop_token stop);

  Result<void> cancel(const std::string& id, std::stop_token stop);
  /// Deletes an ended job.
  Result<void> purge(const std::string& id, std::stop_token stop);
  /// Makes another transcript of an ended job, with other options as in submit(). Returns the new
  /// job's id.
  Result<std::string> rerun(const std::string& id, const Fields& fields, std::stop_token stop);
  /// Retries a failed job.
  Result<void> retry(const std::string& id, std::stop_token stop);

  /// Follows a job from its beginning to its end, with several connections if needed.
  Result<JobEnd> watch(const std::string& id, JobWatcher& watcher, std::stop_token stop);

 private:
  class Calls;
  std::unique_ptr<Calls> calls_;
};

}  // namespace steno::client
