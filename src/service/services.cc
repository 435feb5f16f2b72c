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
      jobs(parts.store, parts.blobs),
      job_changes(parts.store.jobs(), parts.lifecycle, audit, parts.log),
      queue_pace(parts.store.jobs()),
      readiness(parts.store, parts.blobs, parts.clock, parts.log, options) {}

}  // namespace steno::service
