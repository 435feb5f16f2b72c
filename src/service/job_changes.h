#pragma once

#include <string_view>

#include "domain/job.h"
#include "service/audit_trail.h"
#include "service/error.h"

namespace steno {
class Lifecycle;
class Log;
class JobStore;
}  // namespace steno

namespace steno::service {

/// The changes that the owner of a job may make: cancel, purge, retry, discard. Each, and each one
/// that the job's state does not allow, is written to the audit log. A job of another owner is
/// `not_found`. Thread-safe; calls block and throw StoreError.
class JobChanges {
 public:
  /// All of it is borrowed.
  JobChanges(JobStore& jobs, Lifecycle& lifecycle, AuditTrail& audit, Log& log)
      : jobs_(jobs), lifecycle_(lifecycle), audit_(audit), log_(log) {}

  /// Ends a pending or running job. `conflict` with `job_ended`.
  Outcome<Job> cancel(std::string_view owner, std::string_view id, const Actor& actor);
  /// Removes an ended job with its recording and results. `conflict` with `job_not_ended`;
  /// storage_error(), then blobs of the job may remain.
  Outcome<void> purge(std::string_view owner, std::string_view id, const Actor& actor);
  /// Sends a failed job again, with all attempts new. `conflict` with `not_failed`.
  Outcome<Job> retry(std::string_view owner, std::string_view id, const Actor& actor);
  /// The same for a job that is a dead letter; `not_found` for any other.
  Outcome<Job> retry_dead_letter(std::string_view owner, std::string_view id, const Actor& actor);
  /// Takes a dead letter out of the list; the job stays failed. `not_found` if it is none.
  Outcome<void> discard_dead_letter(std::string_view owner, std::string_view id,
                                    const Actor& actor);

 private:
  Outcome<Job> find(std::string_view owner, std::string_view id);
  Outcome<Job> find_dead_letter(std::string_view owner, std::string_view id);
  ServiceError refused(const Actor& actor, std::string_view action, std::string_view id,
                       const Error& error, std::string_view conflict_code);

  JobStore& jobs_;
  Lifecycle& lifecycle_;
  AuditTrail& audit_;
  Log& log_;
};

}  // namespace steno::service
