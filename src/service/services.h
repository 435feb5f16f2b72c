#pragma once

#include "service/admission.h"
#include "service/audit_trail.h"
#include "service/job_changes.h"
#include "service/job_reader.h"
#include "service/key_ring.h"
#include "service/key_watch.h"
#include "service/keys.h"
#include "service/queue_pace.h"
#include "service/readiness.h"
#include "service/recording_writer.h"
#include "service/reruns.h"
#include "service/service_options.h"
#include "service/service_parts.h"
#include "service/submissions.h"
#include "service/uploads.h"
#include "service/usage_report.h"

namespace steno::service {

/// All use cases of the service over one set of backends: everything that it does, without HTTP.
/// Routes read a request, call one of these, and write the answer. Each is thread-safe and blocks.
///
///     Services services({store, lifecycle, blobs, staging, library, clock, log}, options);
///     const auto job = services.job_changes.cancel(caller.owner, job_id, actor);
///     if (!job) report(job.error());
class Services {
 public:
  Services(const ServiceParts& parts, ServiceOptions options);

  /// A secret of this installation, 32 bytes: it is made at the first call. Blocks; throws
  /// StoreError.
  std::string secret(std::string_view name);

  const ServiceOptions options;
  AuditTrail audit;
  Keys keys;
  KeyRing key_ring;
  KeyWatch key_watch;
  UsageReport usage;
  Admission admission;
  const RecordingParts recordings;
  Uploads uploads;
  JobReader jobs;
  JobChanges job_changes;
  QueuePace queue_pace;
  Submissions submissions;
  Reruns reruns;
  Readiness readiness;

 private:
  Store& store_;
};

}  // namespace steno::service
