#pragma once

#include "service/audit_trail.h"
#include "service/job_changes.h"
#include "service/job_reader.h"
#include "service/key_ring.h"
#include "service/key_watch.h"
#include "service/keys.h"
#include "service/options.h"
#include "service/queue_pace.h"
#include "service/readiness.h"
#include "service/usage_report.h"

namespace steno {

class Clock;
class Lifecycle;
class Log;
class Store;
namespace blob {
class BlobStore;
}
namespace models {
class Library;
}

namespace service {

/// What the use cases stand on. All of it is borrowed, thread-safe and outlives them.
struct ServiceParts {
  Store& store;
  Lifecycle& lifecycle;
  blob::BlobStore& blobs;
  const models::Library& library;
  const Clock& clock;
  Log& log;
};

/// All use cases of the service over one set of backends: everything that it does, without HTTP.
/// Routes read a request, call one of these, and write the answer. Each is thread-safe and blocks.
///
///     Services services({store, lifecycle, blobs, library, clock, log}, options);
///     const auto job = services.job_changes.cancel(caller.owner, job_id, actor);
///     if (!job) report(job.error());
class Services {
 public:
  Services(const ServiceParts& parts, ServiceOptions options);

  const ServiceOptions options;
  AuditTrail audit;
  Keys keys;
  KeyRing key_ring;
  KeyWatch key_watch;
  UsageReport usage;
  JobReader jobs;
  JobChanges job_changes;
  QueuePace queue_pace;
  Readiness readiness;
};

}  // namespace service
}  // namespace steno
