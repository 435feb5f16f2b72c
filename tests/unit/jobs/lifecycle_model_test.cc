// Random calls from several threads. Afterwards, every version of every job and every event is
// checked against the rules.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "blob/memory/memory_store.h"
#include "jobs/lifecycle.h"
#include "notify/memory/memory_notifier.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/base/manual_clock.h"
#include "unit/jobs/recording_store.h"

namespace steno {
namespace {

constexpr int kThreads = 4;
constexpr int kSteps = 400;

JobPolicy quick_policy() {
  JobPolicy policy;
  policy.retry_base = Milliseconds(20);
  policy.retry_most = Milliseconds(100);
  return policy;
}

struct World {
  ManualClock clock;
  MemoryNotifier notifier;
  MemoryNotifier event_notifier;
  RecordingStore store{open_sqlite("").value()};
  std::unique_ptr<blob::BlobStore> blobs = blob::make_memory_store();
  std::unique_ptr<Queue> queue = make_database_queue(store.jobs(), notifier, clock);
  Lifecycle lifecycle{store, *queue, *blobs, event_notifier, clock, quick_policy()};
};

/// The calls of one thread. It keeps its lost leases and continues to write with them.
class Actor {
 public:
  Actor(World& world, unsigned seed, int number)
      : world_(world), random_(seed), name_("w" + std::to_string(number)) {}

  void step() {
    world_.clock.advance(Milliseconds(roll(10)));
    const int dice = roll(100);
    if (dice < 10) return submit();
    if (dice < 30) return claim();
    if (dice < 80) return work();
    if (dice < 85) return (void)world_.lifecycle.cancel(any_job());
    if (dice < 90) return (void)world_.lifecycle.send_again(any_job());
    if (dice < 92) return (void)world_.lifecycle.discard(any_job());
    if (dice < 94) return (void)world_.lifecycle.lost_worker("w" + std::to_string(roll(kThreads)));
    if (dice < 98) return (void)world_.lifecycle.reap([this](const Job&) { return roll(3) == 0; });
    world_.lifecycle.expire();
  }

 private:
  void submit() {
    Job job;
    job.owner = "o" + std::to_string(roll(3));
    job.source.blob = "audio/one";
    job.max_attempts = 1 + roll(3);
    if (roll(4) == 0) job.queue_until = world_.clock.now() + Milliseconds(roll(50));
    world_.lifecycle.submit({.jobs = {job}});
  }
  void claim() {
    const auto policy = roll(3) == 0 ? ClaimPolicy::defer_suspects : ClaimPolicy::all;
    if (auto lease = world_.lifecycle.claim_next(name_, {}, policy)) leases_.push_back(*lease);
  }
  void work() {
    if (leases_.empty()) return claim();
    Lease& lease = leases_[static_cast<size_t>(roll(static_cast<int>(leases_.size())))];
    const int dice = roll(20);
    if (dice < 4) {
      world_.lifecycle.heartbeat(lease);
    } else if (dice < 14) {
      advance(lease);
    } else if (dice < 16) {
      world_.lifecycle.complete(lease, {result_key(lease.job.id, lease.fence), 1, {}}, 0.5);
    } else if (dice < 18) {
      world_.lifecycle.fail(lease, {"io", "no"}, roll(4) == 0 ? Retry::no : Retry::yes, 0.5);
    } else if (dice < 19) {
      world_.lifecycle.give_back(lease);
    } else {
      lease = leases_.back();
      leases_.pop_back();
    }
  }
  void advance(Lease& lease) {
    static constexpr const char* kStages[] = {"loading", "transcribing", "storing"};
    std::vector<std::string> segments(static_cast<size_t>(roll(3)), R"({"text":"a"})");
    const auto first = static_cast<size_t>(roll(static_cast<int>(lease.reported) + 1));
    world_.lifecycle.advance(lease, kStages[roll(3)], roll(101), segments, first);
  }
  std::string any_job() {
    const auto jobs = world_.store.jobs().list({});
    return jobs.empty() ? "" : jobs[static_cast<size_t>(roll(static_cast<int>(jobs.size())))].id;
  }
  int roll(int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(random_); }

  World& world_;
  std::mt19937 random_;
  const std::string name_;
  std::vector<Lease> leases_;
};

/// Ends every job that has not ended.
void drain(World& world) {
  world.lifecycle.reap([](const Job&) { return true; });
  for (int empty = 0; empty < 3;) {
    world.clock.advance(Milliseconds(1000));
    auto lease = world.lifecycle.claim_next("last");
    empty = lease ? 0 : empty + 1;
    if (lease)
      world.lifecycle.complete(*lease, {result_key(lease->job.id, lease->fence), 1, {}}, 1);
  }
  world.lifecycle.expire();
}

int rank_of(const std::string& stage) {
  static const std::vector<std::string> kStages = {"loading", "transcribing", "storing", "done"};
  return static_cast<int>(std::ranges::find(kStages, stage) - kStages.begin());
}

void check_step(const Job& before, const Job& after) {
  if (after.state != before.state) {
    EXPECT_TRUE(may_move(before.state, after.state))
        << to_string(before.state) << " -> " << to_string(after.state);
  } else if (is_final(before.state)) {
    Job same = after;
    same.dead_letter = before.dead_letter;
    same.version = before.version;
    if (before.state == State::cancelled) same.compute_seconds = before.compute_seconds;
    EXPECT_EQ(same, before);
  }
  const bool is_claim = before.state == State::pending && after.state == State::processing;
  EXPECT_EQ(after.fence, before.fence + (is_claim ? 1 : 0));  // no older one has written
  EXPECT_LE(after.attempt, after.max_attempts);
  if (before.state == State::processing && after.state == State::processing) {
    EXPECT_EQ(after.worker, before.worker);
    EXPECT_GE(after.progress, before.progress);
    EXPECT_GE(rank_of(after.stage), rank_of(before.stage));
  }
  if (after.state != State::processing) {
    EXPECT_EQ(after.worker, "");
  }
}

/// Checks the versions of one job. Returns its states in order.
std::vector<std::string> check_versions(std::vector<Job>& versions) {
  std::ranges::sort(versions, {}, &Job::version);
  std::vector<std::string> states = {std::string(to_string(versions.front().state))};
  for (size_t i = 1; i < versions.size(); ++i) {
    EXPECT_EQ(versions[i].version, versions[i - 1].version + 1);
    check_step(versions[i - 1], versions[i]);
    if (versions[i].state == versions[i - 1].state) continue;
    states.emplace_back(to_string(versions[i].state));
  }
  EXPECT_TRUE(is_final(versions.back().state));
  // The work of a cancelled job's worker is added once.
  EXPECT_LE(std::ranges::count(versions, State::cancelled, &Job::state), 2);
  return states;
}

/// Checks the events of one job: no gap, every change of state once, every segment once.
void check_events(World& world, const std::string& id, const std::vector<std::string>& states) {
  std::vector<std::string> told;
  std::vector<std::string> ends;
  size_t segments = 0;
  int64_t number = 0;
  for (const Event& event : world.store.events().events_of(id, 0, 100'000)) {
    EXPECT_EQ(event.number, ++number);
    const auto data = nlohmann::json::parse(event.data);
    if (event.type == "status") told.push_back(data["status"]);
    if (event.type == "end") ends.push_back(data["status"]);
    if (event.type == "segment") {
      EXPECT_EQ(data["index"], segments++);
    }
  }
  EXPECT_EQ(told, states);
  std::vector<std::string> final_states;
  std::ranges::copy_if(states, std::back_inserter(final_states), [](const std::string& state) {
    return is_final(parse_state(state).value());
  });
  EXPECT_EQ(ends, final_states);
}

class LifecycleModel : public testing::TestWithParam<unsigned> {};

TEST_P(LifecycleModel, KeepsItsRulesWhateverIsCalledWhen) {
  World world;
  {
    std::vector<std::jthread> threads;
    for (int number = 0; number < kThreads; ++number) {
      threads.emplace_back([&world, number] {
        Actor actor(world, GetParam() * 100 + static_cast<unsigned>(number), number);
        for (int i = 0; i < kSteps; ++i) actor.step();
      });
    }
  }
  drain(world);
  std::map<std::string, std::vector<Job>> jobs;
  for (const Job& job : world.store.jobs().written()) jobs[job.id].push_back(job);
  EXPECT_GT(jobs.size(), 10u);
  for (auto& [id, versions] : jobs) {
    SCOPED_TRACE(id);
    check_events(world, id, check_versions(versions));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LifecycleModel, testing::Values(1u, 2u, 3u));

}  // namespace
}  // namespace steno
