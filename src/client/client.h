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

// Steno's service as another program sees it.

namespace steno::client {

/// Which service, and who asks.
struct Server {
  std::string url;  ///< as checked_url() gives it
  std::string key;  ///< API key, sent as bearer token; empty: none. Never part of a message.
  /// File of the certificates (PEM) that are trusted; empty: those that the machine trusts.
  std::string trusted_certificates;
};

/// How long a service that is not there is waited for.
struct Patience {
  int attempts = 5;                              ///< of one call that may be made again
  std::chrono::milliseconds first_wait{250};     ///< before the second attempt; then doubled
  std::chrono::milliseconds longest_wait{8000};  ///< also of what the service asks for
  /// While a job is watched: of a service that was there and is not any more.
  std::chrono::milliseconds unreachable{120'000};
};

/// Names and values, as of a query or a form.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A job as the service tells of it; empty or none where it says nothing.
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
  std::string json;  ///< all that the service says, as one line
};

/// Some jobs, newest first.
struct JobPage {
  std::vector<JobInfo> jobs;
  std::string next_cursor;  ///< of the next page; empty: this was the last one
};

/// How far a watched job is.
struct JobProgress {
  std::string status;  ///< as in JobInfo; empty: as it was
  std::string stage;   ///< empty: as it was
  double percent = 0;
};

/// How a watched job ended.
struct JobEnd {
  std::string status;  ///< completed, failed or cancelled
  std::string error;   ///< why it failed
};

/// Hears what becomes of a job, on the thread that watches it.
class JobWatcher {
 public:
  virtual ~JobWatcher() = default;
  virtual void progress(const JobProgress& progress) = 0;
  /// Each segment once, in their order.
  virtual void segment(const Segment& segment) = 0;
};

/// The address as Server wants it, without a slash at its end; invalid_argument, saying what would
/// be right, for what is not the address of a service.
Result<std::string> checked_url(const std::string& url);
/// Whether the text can be sent as a key, and if not, why, without repeating it.
Result<void> check_key(const std::string& key);

/// Calls of the service's API. Errors are one line: `not_found` for no such job (of this key),
/// `conflict` for a job in another state, `invalid_argument` for what the service refuses,
/// `unavailable` for a service that cannot be reached, is full or failed, `io` for the recording,
/// `cancelled` within a second of `stop`. Calls that change nothing, and submissions, which the
/// service knows again, are made again when the service could not be reached or was full. Not
/// thread-safe; several objects are independent.
class Client {
 public:
  explicit Client(Server server, Patience patience = {});
  ~Client();
  Client(Client&&) noexcept;

  /// Sends a recording: a file, read as it is sent, or "-", standard input. The new job's id. A
  /// submission that is complete when `stop` comes still has 0.3 s for its answer, so that the job
  /// can be cancelled.
  Result<std::string> submit(const std::string& path, const Fields& fields, std::stop_token stop);

  /// With a `wait` the answer comes when the job's state has changed, or after that time.
  Result<JobInfo> job(const std::string& id, std::chrono::seconds wait, std::stop_token stop);
  /// `filters` by the API's names: status, limit, cursor…
  Result<JobPage> list(const Fields& filters, std::stop_token stop);
  /// The transcript; `query` holds `format` and the options of subtitles.
  Result<std::string> result(const std::string& id, const Fields& query, std::stop_token stop);

  Result<void> cancel(const std::string& id, std::stop_token stop);
  /// Deletes a job that has ended.
  Result<void> purge(const std::string& id, std::stop_token stop);
  /// Has another transcript made of what an ended job has heard, with other options as submit()
  /// takes them. The new job's id.
  Result<std::string> rerun(const std::string& id, const Fields& fields, std::stop_token stop);
  /// Sends a failed job again.
  Result<void> retry(const std::string& id, std::stop_token stop);

  /// Follows a job from its beginning to its end, over as many connections as that takes.
  Result<JobEnd> watch(const std::string& id, JobWatcher& watcher, std::stop_token stop);

 private:
  class Calls;
  std::unique_ptr<Calls> calls_;
};

}  // namespace steno::client
