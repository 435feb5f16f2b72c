#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/job.h"
#include "service/caller.h"
#include "service/error.h"
#include "service/in_progress.h"
#include "service/recording_writer.h"
#include "service/service_options.h"
#include "service/service_parts.h"
#include "service/uploads.h"

namespace steno::service {

/// A submission whose fields have been read and checked. Whether its model and its upload exist
/// is for Submissions to check.
struct NewSubmission {
  Job job;                           ///< options, priority, metadata, recording_id, time_limit
  std::optional<std::string> model;  ///< none: the default one
  std::vector<std::string> urls = {};
  bool is_list = false;  ///< the URLs were given as a list, of one or several: a batch
  std::optional<std::string> upload_id = {};
  std::string known_speakers = {};  ///< the option's JSON list with recordings; empty: none
  std::string canonical = {};       ///< all fields as one text; equal for equal submissions
  std::vector<RecordingWriter*> recordings = {};  ///< finished; borrowed
  std::optional<std::string> idempotency_key = {};

  /// Several recordings, or a list of URLs.
  bool is_batch() const { return recordings.size() > 1 || is_list; }
};

/// The jobs of an accepted submission.
struct Accepted {
  std::vector<Job> jobs;  ///< in the order of the recordings
  std::string batch_id;   ///< "" without a batch
  bool replayed = false;  ///< the same was submitted before: these are its jobs
};

/// Accepts recordings as jobs. Thread-safe; calls block and throw StoreError.
class Submissions {
 public:
  /// All of it is borrowed.
  Submissions(const ServiceParts& parts, Uploads& uploads, Admission& admission,
              const ServiceOptions& options)
      : parts_(parts), uploads_(uploads), admission_(admission), options_(options) {}

  /// Reserves an idempotency key while its submission is received; nothing without a key. Errors:
  /// `conflict` with `idempotency_in_progress` while another submission has reserved it.
  Outcome<std::optional<InProgress::Entry>> reserve(std::string_view owner,
                                                    const std::optional<std::string>& key);

  /// Stores the recordings and adds the jobs in one transaction: all of them, or nothing is left.
  /// With an idempotency key, a repeated submission returns its first jobs. Errors: `not_found`
  /// with `unknown_upload`; `conflict` with `upload_incomplete` or `upload_consumed`; `invalid`
  /// with `unknown_model`, `out_of_range` or `idempotency_key_reused`; `too_many` with `queue_full`
  /// or `owner_queue_full`; those of storage_error().
  Outcome<Accepted> submit(const NewSubmission& wanted, const Caller& caller, const Actor& actor);

 private:
  friend class Submitting;

  const ServiceParts parts_;
  Uploads& uploads_;
  Admission& admission_;
  const ServiceOptions& options_;
  InProgress in_progress_;
};

}  // namespace steno::service
