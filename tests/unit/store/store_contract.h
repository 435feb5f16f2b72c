#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/event.h"
#include "store/job_store.h"
#include "store/store.h"
#include "unit/base/temporary_folder.h"

// What every store promises. A backend joins by a line in store_backends_test.cc.

namespace steno {

/// A kind of store: how to open an empty one, whose files may lie in `folder`.
struct StoreBackend {
  std::string name;
  std::function<std::unique_ptr<Store>(const std::filesystem::path& folder)> open;
};

inline void PrintTo(const StoreBackend& backend, std::ostream* out) { *out << backend.name; }

/// `seconds` after the moment at which these tests begin.
inline Time at(double seconds) {
  return Time(Milliseconds(1'764'000'000'000 + static_cast<int64_t>(seconds * 1000)));
}

/// A waiting job, submitted and available at at(seconds).
inline Job waiting_job(const std::string& id, double seconds, const std::string& owner = "ann",
                       int priority = 5) {
  Job job;
  job.id = id;
  job.owner = owner;
  job.key_id = "key_" + owner;
  job.stage = "queued";
  job.priority = priority;
  job.created_at = job.updated_at = job.available_at = at(seconds);
  job.options = "{}";
  return job;
}

inline Event event(const std::string& type, const std::string& data, Time when) {
  Event event;
  event.type = type;
  event.data = data;
  event.at = when;
  return event;
}

/// The newest jobs of all.
inline JobQuery newest(int limit) {
  JobQuery query;
  query.limit = limit;
  return query;
}

inline std::vector<std::string> ids(const std::vector<Job>& jobs) {
  std::vector<std::string> found;
  for (const auto& job : jobs) found.push_back(job.id);
  return found;
}

class StoreContract : public testing::TestWithParam<StoreBackend> {
 protected:
  JobStore& jobs() { return store_->jobs(); }

  Creation create(const Job& job, const std::optional<IdempotencyKey>& key = std::nullopt,
                  const QueueLimits& limits = {}) {
    const std::array<Event, 1> first{event("status", "{}", job.created_at)};
    return jobs().create(job, first, key, std::chrono::hours(24), limits);
  }
  Job stored(const std::string& id) { return jobs().find(id).value(); }
  /// Changes the stored job and writes it.
  Job change(const std::string& id, const std::function<void(Job&)>& how) {
    Job job = stored(id);
    how(job);
    EXPECT_TRUE(jobs().update(job, {}));
    return job;
  }
  Job claim(const std::string& id) {
    return change(id, [](Job& job) { job.state = State::processing; });
  }
  Job end(const std::string& id, State state, double seconds) {
    claim(id);
    return change(id, [&](Job& job) {
      job.state = state;
      job.finished_at = at(seconds);
    });
  }
  std::optional<std::string> next(double seconds, Milliseconds ageing = std::chrono::minutes(10),
                                  std::optional<int64_t> most_bytes = std::nullopt) {
    return jobs().next_waiting(at(seconds), ageing, most_bytes);
  }
  /// Claims the next job; its id.
  std::string take(double seconds, Milliseconds ageing = std::chrono::minutes(10)) {
    const auto id = next(seconds, ageing);
    if (!id) return "";
    claim(*id);
    return *id;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = GetParam().open(folder_.path());
};

}  // namespace steno
