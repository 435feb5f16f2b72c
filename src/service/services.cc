#include "service/services.h"

#include <utility>

#include "store/store.h"

namespace steno::service {

Services::Services(const ServiceParts& parts, ServiceOptions wanted)
    : options(std::move(wanted)),
      audit(parts.store.audit(), parts.clock),
      keys(parts.store.keys(), audit, parts.clock),
      key_ring(parts.store.keys(), parts.clock, parts.log),
      key_watch(parts.store.keys(), parts.clock, parts.log),
      usage(parts.store.usage()),
      admission(parts.store, parts.lifecycle, parts.blobs, parts.staging, options),
      recordings{parts.blobs, admission, parts.clock, parts.log},
      uploads(parts.store, parts.blobs, parts.staging, admission, audit, parts.clock, parts.log,
              options),
      jobs(parts.store, parts.blobs),
      job_changes(parts.store.jobs(), parts.lifecycle, audit, parts.log),
      queue_pace(parts.store.jobs()),
      submissions(parts, uploads, admission, options),
      reruns(parts, options),
      readiness(parts.store, parts.blobs, parts.staging, parts.clock, parts.log, options),
      store_(parts.store) {}

std::string Services::secret(std::string_view name) { return store_.secret(name); }

}  // namespace steno::service
