#include "app/service/worker_watch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "worker/model_cache.h"
#include "worker/proof_of_life.h"

namespace steno::app {

WorkerWatch::WorkerWatch(int count, std::filesystem::path folder, JobStore& jobs)
    : count_(count), folder_(std::move(folder)), jobs_(jobs) {}

Result<void> WorkerWatch::look() const {
  if (!living().empty()) return {};
  return fail(Errc::unavailable, count_ > 0 ? "no worker runs; the log says why they end"
                                            : "no worker runs; start one with steno worker");
}

WorkerCounts WorkerWatch::counts() const {
  std::set<std::string> holders;
  for (const Job& job : jobs_.processing()) holders.insert(job.worker);
  const auto names = living();
  WorkerCounts counts;
  for (const std::string& name : names) ++(holders.contains(name) ? counts.busy : counts.idle);
  counts.starting = std::max(0, count_ - static_cast<int>(names.size()));
  return counts;
}

std::vector<LoadedModel> WorkerWatch::models() const {
  std::map<std::string, LoadedModel> models;
  for (const std::string& name : living()) {
    for (const CachedModel& cached : parse_models(said_by_worker(folder_, name))) {
      LoadedModel& model = models[cached.name];
      model.name = cached.name;
      ++model.workers;
      model.bytes += cached.bytes;
    }
  }
  std::vector<LoadedModel> list;
  for (auto& [name, model] : models) list.push_back(std::move(model));
  return list;
}

std::vector<AllCallTimes> WorkerWatch::new_database_calls() {
  const std::lock_guard lock(mutex_);
  std::vector<AllCallTimes> news;
  std::map<std::string, AllCallTimes> known;
  for (const std::string& name : living()) {
    AllCallTimes calls = parse_call_times(said_by_worker(folder_, name));
    news.push_back(since(known_calls_[name], calls));
    calls.merge(known_calls_[name]);  // what was left out this time
    known[name] = std::move(calls);
  }
  known_calls_ = std::move(known);
  return news;
}

std::vector<std::string> WorkerWatch::living() const {
  std::vector<std::string> names;
  if (count_ == 0) {
    const auto dead = dead_workers(folder_);
    names = known_workers(folder_);
    std::erase_if(names, [&dead](const std::string& name) {
      return std::ranges::find(dead, name) != dead.end();
    });
  } else if (const Supervisor* const supervisor = supervisor_) {
    for (WorkerProcess& process : supervisor->running()) names.push_back(std::move(process.name));
  }
  return names;
}

}  // namespace steno::app
