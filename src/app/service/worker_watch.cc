#include "app/service/worker_watch.h"

#include <algorithm>
#include <set>
#include <utility>

#include "worker/model_cache.h"

namespace steno::app {

WorkerWatch::WorkerWatch(int count, WorkerRegistry& registry, JobStore& jobs)
    : count_(count), registry_(registry), jobs_(jobs) {}

Result<void> WorkerWatch::look() const {
  const auto workers = living();
  const auto is_alive = [](const RegisteredWorker& worker) {
    return worker.state == WorkerState::alive;
  };
  if (std::ranges::any_of(workers, is_alive)) return {};
  if (!workers.empty()) {
    return fail(Errc::unavailable,
                "every worker is silent: its process is stopped or hangs; continue it or end it");
  }
  return fail(Errc::unavailable, count_ > 0 ? "no worker runs; the log says why they end"
                                            : "no worker runs; start one with steno worker");
}

WorkerCounts WorkerWatch::counts() const {
  std::set<std::string> holders;
  for (const Job& job : jobs_.processing()) holders.insert(job.worker);
  const auto workers = living();
  WorkerCounts counts;
  for (const RegisteredWorker& worker : workers) {
    if (worker.state == WorkerState::silent) {
      ++counts.silent;
    } else {
      ++(holders.contains(worker.description.name) ? counts.busy : counts.idle);
    }
  }
  counts.starting = std::max(0, count_ - static_cast<int>(workers.size()));
  return counts;
}

std::vector<LoadedModel> WorkerWatch::models() const {
  std::map<std::string, LoadedModel> models;
  for (const RegisteredWorker& worker : living()) {
    for (const CachedModel& cached : parse_models(worker.report)) {
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
  for (const RegisteredWorker& worker : living()) {
    const std::string& name = worker.description.name;
    AllCallTimes calls = parse_call_times(worker.report);
    news.push_back(since(known_calls_[name], calls));
    calls.merge(known_calls_[name]);  // calls that are missing this time
    known[name] = std::move(calls);
  }
  known_calls_ = std::move(known);
  return news;
}

std::vector<RegisteredWorker> WorkerWatch::living() const {
  std::vector<RegisteredWorker> workers = registry_.list();
  if (count_ == 0) {
    std::erase_if(workers,
                  [](const RegisteredWorker& worker) { return worker.state == WorkerState::dead; });
    return workers;
  }
  std::vector<RegisteredWorker> own;
  const Supervisor* const supervisor = supervisor_;
  if (supervisor == nullptr) return own;
  for (const WorkerProcess& process : supervisor->running()) {
    const auto found = std::ranges::find(workers, process.name, [](const RegisteredWorker& worker) {
      return worker.description.name;
    });
    own.push_back(found == workers.end() ? RegisteredWorker() : *found);
    own.back().description.name = process.name;
    // The supervisor knows that the process runs, also before it is registered.
    if (own.back().state == WorkerState::dead) own.back().state = WorkerState::alive;
  }
  return own;
}

}  // namespace steno::app
