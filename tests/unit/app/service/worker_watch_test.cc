#include "app/service/worker_watch.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"
#include "unit/jobs/job_world.h"
#include "worker/model_cache.h"
#include "workers/file_locks/file_lock_registry.h"

namespace steno::app {
namespace {

WorkerDescription named(const std::string& name) {
  WorkerDescription description;
  description.name = name;
  return description;
}

TEST(WorkerWatch, CountsTheWorkersOfOtherProcessesByWhatTheyDo) {
  const TemporaryFolder folder;
  JobWorld world;
  const auto registry = make_file_lock_registry(folder.path());
  const WorkerWatch watch(0, *registry, world.store->jobs());
  std::ofstream(folder / "dead.lock");
  EXPECT_EQ(watch.look().error().code, Errc::unavailable);
  const auto first = registry->add(named("w1")).value();
  const auto second = registry->add(named("w2")).value();
  world.claim(world.submit(), "w1");
  world.claim(world.submit(), "dead");
  EXPECT_TRUE(watch.look());
  EXPECT_EQ(watch.counts().busy, 1);
  EXPECT_EQ(watch.counts().idle, 1);
  EXPECT_EQ(watch.counts().starting, 0);
}

TEST(WorkerWatch, CountsASilentWorkerAsNeitherIdleNorBusy) {
  const TemporaryFolder folder;
  JobWorld world;
  const auto registry = make_file_lock_registry(
      folder.path(), {.heartbeat = std::chrono::hours(1), .silent_after = Milliseconds(0)});
  const WorkerWatch watch(0, *registry, world.store->jobs());
  const auto worker = registry->add(named("w1")).value();
  world.claim(world.submit(), "w1");
  ASSERT_TRUE(until([&] { return watch.counts().silent == 1; }));
  EXPECT_EQ(watch.counts().busy, 0);
  EXPECT_EQ(watch.counts().idle, 0);
  ASSERT_FALSE(watch.look());
  EXPECT_NE(watch.look().error().message.find("silent"), std::string::npos);
}

TEST(WorkerWatch, KnowsThatItsOwnAreStillToCome) {
  const TemporaryFolder folder;
  JobWorld world;
  const auto registry = make_file_lock_registry(folder.path());
  const auto other = registry->add(named("w1")).value();
  const WorkerWatch watch(2, *registry, world.store->jobs());
  EXPECT_FALSE(watch.look());
  EXPECT_EQ(watch.counts().starting, 2);
}

TEST(WorkerWatch, AddsUpTheModelsOfTheWorkersThatLive) {
  const TemporaryFolder folder;
  JobWorld world;
  const auto registry = make_file_lock_registry(folder.path());
  const WorkerWatch watch(0, *registry, world.store->jobs());
  std::ofstream(folder / "dead.lock") << "{}\n" + to_lines({{"base", 100, 0}});
  const auto first = registry->add(named("w1")).value();
  const auto second = registry->add(named("w2")).value();
  EXPECT_TRUE(watch.models().empty());
  first->report(to_lines({{"base", 100, 1}, {"my model", 30, 0}, {"tiny", 7, 0}}));
  first->report(to_lines({{"base", 100, 1}, {"my model", 30, 0}}));
  second->report(to_lines({{"base", 120, 0}}) + "99 half a li");
  const auto models = watch.models();
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].name, "base");
  EXPECT_EQ(models[0].workers, 2);
  EXPECT_EQ(models[0].bytes, 220u);
  EXPECT_EQ(models[1].name, "my model");
  EXPECT_EQ(models[1].workers, 1);
}

TEST(WorkerWatch, ReportsEachDatabaseCallOfAWorkerOnce) {
  const TemporaryFolder folder;
  JobWorld world;
  const auto registry = make_file_lock_registry(folder.path());
  WorkerWatch watch(0, *registry, world.store->jobs());
  const auto worker = registry->add(named("w1")).value();
  CallTimer timer;
  const auto look = [&] { return watch.new_database_calls().at(0); };
  const auto calls_of = [](const AllCallTimes& times, const std::string& operation) {
    const auto& calls = times.at(operation).calls;
    return std::accumulate(calls.begin(), calls.end(), std::uint64_t{0});
  };
  EXPECT_TRUE(look().empty());
  timer.add("jobs.find", 0.001);
  timer.add("jobs.find", 100);
  timer.add("jobs.update", 0.1);
  worker->report(to_lines({{"base", 120, 0}}) + to_lines(timer.all()));
  EXPECT_EQ(look(), timer.all());
  EXPECT_EQ(calls_of(look(), "jobs.find"), 0u);
  timer.add("jobs.find", 0.2);
  worker->report(to_lines(timer.all()).substr(0, 20));  // an incomplete report
  EXPECT_TRUE(look().empty());
  worker->report(to_lines(timer.all()));
  const auto news = look();
  EXPECT_EQ(calls_of(news, "jobs.find"), 1u);
  EXPECT_EQ(news.at("jobs.find").in_all, Milliseconds(200));
  EXPECT_EQ(calls_of(news, "jobs.update"), 0u);
  // restarted
  worker->report(to_lines(AllCallTimes{{"jobs.update", timer.all().at("jobs.find")}}));
  EXPECT_EQ(calls_of(look(), "jobs.update"), 3u);
}

}  // namespace
}  // namespace steno::app
