#include "app/service/worker_watch.h"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "unit/base/temporary_folder.h"
#include "unit/jobs/job_world.h"
#include "worker/model_cache.h"
#include "worker/proof_of_life.h"

namespace steno::app {
namespace {

TEST(WorkerWatch, CountsTheWorkersOfOtherProcessesByWhatTheyDo) {
  const TemporaryFolder folder;
  JobWorld world;
  const WorkerWatch watch(0, folder.path(), world.store->jobs());
  std::ofstream(folder / "dead.lock");
  EXPECT_EQ(watch.look().error().code, Errc::unavailable);
  const auto first = ProofOfLife::take(folder.path(), "w1").value();
  const auto second = ProofOfLife::take(folder.path(), "w2").value();
  world.claim(world.submit(), "w1");
  world.claim(world.submit(), "dead");
  EXPECT_TRUE(watch.look());
  EXPECT_EQ(watch.counts().busy, 1);
  EXPECT_EQ(watch.counts().idle, 1);
  EXPECT_EQ(watch.counts().starting, 0);
}

TEST(WorkerWatch, KnowsThatItsOwnAreStillToCome) {
  const TemporaryFolder folder;
  JobWorld world;
  const auto other = ProofOfLife::take(folder.path(), "w1").value();
  const WorkerWatch watch(2, folder.path(), world.store->jobs());
  EXPECT_FALSE(watch.look());
  EXPECT_EQ(watch.counts().starting, 2);
}

TEST(WorkerWatch, AddsUpTheModelsOfTheWorkersThatLive) {
  const TemporaryFolder folder;
  JobWorld world;
  const WorkerWatch watch(0, folder.path(), world.store->jobs());
  std::ofstream(folder / "dead.lock") << to_lines({{"base", 100, 0}});
  const auto first = ProofOfLife::take(folder.path(), "w1").value();
  const auto second = ProofOfLife::take(folder.path(), "w2").value();
  EXPECT_TRUE(watch.models().empty());
  first->say(to_lines({{"base", 100, 1}, {"my model", 30, 0}, {"tiny", 7, 0}}));
  first->say(to_lines({{"base", 100, 1}, {"my model", 30, 0}}));
  second->say(to_lines({{"base", 120, 0}}) + "99 half a li");
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
  WorkerWatch watch(0, folder.path(), world.store->jobs());
  const auto worker = ProofOfLife::take(folder.path(), "w1").value();
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
  worker->say(to_lines({{"base", 120, 0}}) + to_lines(timer.all()));
  EXPECT_EQ(look(), timer.all());
  EXPECT_EQ(calls_of(look(), "jobs.find"), 0u);
  timer.add("jobs.find", 0.2);
  worker->say(to_lines(timer.all()).substr(0, 20));  // it is still speaking
  EXPECT_TRUE(look().empty());
  worker->say(to_lines(timer.all()));
  const auto news = look();
  EXPECT_EQ(calls_of(news, "jobs.find"), 1u);
  EXPECT_EQ(news.at("jobs.find").in_all, Milliseconds(200));
  EXPECT_EQ(calls_of(news, "jobs.update"), 0u);
  worker->say(to_lines(AllCallTimes{{"jobs.update", timer.all().at("jobs.find")}}));  // anew
  EXPECT_EQ(calls_of(look(), "jobs.update"), 3u);
}

}  // namespace
}  // namespace steno::app
