#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "blob/blob.h"
#include "blob/memory/memory_store.h"
#include "jobs/lifecycle.h"
#include "notify/memory/memory_notifier.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/base/manual_clock.h"
#include "unit/jobs/claim_job.h"

namespace steno {

/// Everything that a Lifecycle needs, in memory.
struct JobWorld {
  explicit JobWorld(JobPolicy policy = {},
                    std::unique_ptr<blob::BlobStore> files = blob::make_memory_store())
      : blobs(std::move(files)),
        lifecycle(*store, *queue, *blobs, event_notifier, clock, std::move(policy)) {}

  ManualClock clock;
  MemoryNotifier notifier;
  MemoryNotifier event_notifier;
  std::unique_ptr<Store> store = open_sqlite("").value();
  std::unique_ptr<blob::BlobStore> blobs;
  std::unique_ptr<Queue> queue = make_database_queue(store->jobs(), notifier, clock);
  Lifecycle lifecycle;

  /// Creates a job with the given audio, or with "audio/one". Returns its id.
  std::string submit(Job job = {}) {
    if (job.source.blob.empty() && job.source.url.empty()) job.source.blob = "audio/one";
    if (job.owner.empty()) job.owner = "ada";
    if (job.key_id.empty()) job.key_id = "key_1";
    return lifecycle.submit({.jobs = {std::move(job)}}).jobs.at(0).id;
  }
  /// Claims this job, whichever others wait.
  Lease claim(const std::string& id, const std::string& worker = "w1") {
    return try_claim(id, worker).value();
  }
  std::optional<Lease> try_claim(const std::string& id, const std::string& worker,
                                 ClaimPolicy policy = ClaimPolicy::all) {
    return claim_job(*store, lifecycle, clock, id, worker, policy);
  }
  Job job(const std::string& id) { return store->jobs().find(id).value(); }
  std::vector<Event> events(const std::string& id) {
    return store->events().events_of(id, 0, 10'000);
  }
  /// The data of the job's events of one type.
  std::vector<nlohmann::json> data(const std::string& id, const std::string& type) {
    std::vector<nlohmann::json> all;
    for (const Event& event : events(id)) {
      if (event.type == type) all.push_back(nlohmann::json::parse(event.data));
    }
    return all;
  }
  bool has_blob(const std::string& key) { return blob::blob_size(*blobs, key).has_value(); }
  void put(const std::string& key) {
    if (!blob::put_blob(*blobs, key, "content")) throw std::runtime_error(key);
  }
  Usage usage() {
    Usage sum;
    for (const Usage& day : store->usage().list(std::nullopt, "0000-01-01", "9999-12-31")) {
      sum.jobs += day.jobs;
      sum.failures += day.failures;
      sum.bytes += day.bytes;
      sum.audio_seconds += day.audio_seconds;
      sum.compute_seconds += day.compute_seconds;
    }
    return sum;
  }
};

}  // namespace steno
