#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/audit_entry.h"
#include "domain/job.h"

namespace steno {

/// A client's name for one submission. A repeated submission has the same key and fingerprint.
struct IdempotencyKey {
  std::string key;
  std::string fingerprint;  ///< hash of the submitted content
};

/// How many jobs may wait.
struct QueueLimits {
  int64_t in_all = 0;     ///< 0: no limit
  int64_t per_owner = 0;  ///< 0: no limit
};

/// A job takes the content of a finished upload as its audio.
struct UploadUse {
  std::string upload_id;
  std::string note;  ///< replaces the metadata of the upload
  Time keep_until;   ///< the row of the upload stays until then, without a blob
};

/// Everything that one request adds to the store.
struct JobSubmission {
  std::vector<Job> jobs;                ///< at least one, all of one owner
  std::optional<IdempotencyKey> key{};  ///< of the whole submission
  std::optional<UploadUse> upload{};    ///< its blob is the audio of the first job
  std::vector<AuditEntry> audit{};
};

/// A submission that is known by its idempotency key.
struct KnownSubmission {
  std::string fingerprint;
  std::vector<Job> jobs;  ///< that are still stored, in the order of the submission; at least one
};

/// The limits of a submission.
struct SubmissionRules {
  Milliseconds remember_key{0};  ///< since the created_at of the first job
  QueueLimits limits{};
};

/// The outcome of a submission.
struct Creation {
  enum class Status {
    created,
    repeated,          ///< the same was submitted before
    other_content,     ///< the idempotency key was used for something else
    queue_full,        ///< QueueLimits::in_all
    owner_queue_full,  ///< QueueLimits::per_owner
    upload_gone,       ///< the upload has expired, or another job has taken it
  };
  Status status = Status::created;
  /// With `created` the new jobs; with `repeated` the jobs of the first submission that are still
  /// stored, in its order, at least one; otherwise none.
  std::vector<Job> jobs{};
};

}  // namespace steno
