#pragma once

#include <functional>
#include <optional>
#include <string>

#include "domain/job.h"
#include "service/caller.h"
#include "service/error.h"
#include "service/service_options.h"
#include "service/service_parts.h"

namespace steno::service {

/// The options of another transcript of a job's recording.
struct RerunPlan {
  std::string options;         ///< all of them, a JSON object as a job has it
  std::string known_speakers;  ///< the option's JSON list, if it was given; empty: the first job's
};

/// A rerun that is asked for.
struct NewRerun {
  std::string job_id;  ///< the job that is run again
  std::optional<std::string> idempotency_key;
  std::string canonical;  ///< the fields that were given, as one text; equal for equal requests
  /// Applies these fields to the options of the first job. Errors: `invalid`.
  std::function<Outcome<RerunPlan>(const std::string& options)> plan;
};

/// The job of an accepted rerun.
struct AcceptedRerun {
  Job job;
  bool replayed = false;  ///< the same was submitted before: this is its job
};

/// Makes another transcript of a job that has ended, from its kept stages where they do. The new
/// job owns copies of everything it needs, so deleting or purging the first job does not affect it
/// (ADR 18). Thread-safe; calls block and throw StoreError.
class Reruns {
 public:
  /// All of it is borrowed.
  Reruns(const ServiceParts& parts, const ServiceOptions& options)
      : parts_(parts), options_(options) {}

  /// A request that was accepted before under the same idempotency key returns its job, also when
  /// the first job has been purged since. Errors: `not_found`; `conflict` with `job_not_ended`,
  /// `audio_deleted` or `known_speakers_deleted`; those of the plan; `invalid` with
  /// `idempotency_key_reused`; `too_many` with `queue_full` or `owner_queue_full`; those of
  /// storage_error().
  Outcome<AcceptedRerun> submit(const NewRerun& wanted, const Caller& caller, const Actor& actor);

 private:
  std::optional<AcceptedRerun> replay(const NewRerun& wanted, const Caller& caller);

  const ServiceParts parts_;
  const ServiceOptions& options_;
};

}  // namespace steno::service
