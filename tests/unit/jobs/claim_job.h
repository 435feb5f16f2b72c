#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "jobs/lifecycle.h"
#include "store/store.h"

namespace steno {

/// Claims this job, whichever others wait and whether or not its back-off is over.
inline std::optional<Lease> claim_job(Store& store, Lifecycle& lifecycle, const Clock& clock,
                                      const std::string& id, const std::string& worker,
                                      ClaimPolicy policy = ClaimPolicy::all) {
  const auto set_available = [&store](Job job, Time available_at) {
    if (job.available_at == available_at) return;
    job.available_at = available_at;
    store.jobs().update(job, {});
  };
  JobQuery pending;
  pending.state = State::pending;
  pending.limit = 10'000;
  std::vector<Job> others = store.jobs().list(pending);
  std::erase_if(others, [&](const Job& job) {
    if (job.id == id) set_available(job, std::min(job.available_at, clock.now()));
    return job.id == id;
  });
  for (const Job& other : others) set_available(other, Time::max());
  auto lease = lifecycle.claim_next(worker, {}, policy);
  for (const Job& other : others) {
    set_available(store.jobs().find(other.id).value(), other.available_at);
  }
  return lease;
}

}  // namespace steno
