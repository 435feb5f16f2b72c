#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

#include "telemetry/bounded_label.h"
#include "test_paths.h"

namespace steno {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The lines of a text that start so.
std::vector<std::string> lines_with(const std::string& text, const std::string& start) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(start)) found.push_back(line);
  }
  return found;
}

void use_all(Metrics& metrics) {
  metrics.request_ended("GET", "/api/v1/jobs/{id}", 200, 0.002);
  metrics.event_stream_opened();
  metrics.job_ended({.state = "completed", .seconds = 9, .work_seconds = 2, .audio_seconds = 60});
  metrics.stage_ended("transcribing", 3);
  metrics.database_call("claim", 0.0002);
  metrics.set_queue(std::vector<QueuedJobs>{{.priority = 5, .jobs = 3, .oldest_seconds = 1.5}});
  metrics.set_models(std::vector<LoadedModel>{{.name = "base", .workers = 2, .bytes = 1000}});
  metrics.set_workers({.starting = 0, .idle = 1, .busy = 2, .silent = 3});
  metrics.housekeeping_failed(Duty::orphans);
  metrics.set_deletions_held("older_database", true);
}

TEST(Metrics, HaveTheReportedValues) {
  Metrics metrics("1.2.3");
  use_all(metrics);
  const std::string text = metrics.text();
  for (const char* line :
       {"steno_build_info{version=\"1.2.3\"} 1\n",
        "steno_http_requests_total{method=\"GET\",route=\"/api/v1/jobs/{id}\",status=\"200\"} 1\n",
        "steno_http_request_seconds_bucket{route=\"/api/v1/jobs/{id}\",le=\"0.0025\"} 1\n",
        "steno_http_request_seconds_bucket{route=\"/api/v1/jobs/{id}\",le=\"0.001\"} 0\n",
        "steno_event_streams 1\n",
        "steno_queue_jobs{priority=\"5\"} 3\n",
        "steno_queue_jobs{priority=\"0\"} 0\n",
        "steno_queue_oldest_seconds{priority=\"5\"} 1.5\n",
        "steno_jobs_total{cause=\"none\",state=\"completed\"} 1\n",
        "steno_jobs_total{cause=\"none\",state=\"cancelled\"} 0\n",
        "steno_job_seconds_sum 9\n",
        "steno_stage_seconds_sum{stage=\"transcribing\"} 3\n",
        "steno_audio_seconds_total 60\n",
        "steno_audio_speed_sum 30\n",
        "steno_models_loaded{model=\"base\"} 2\n",
        "steno_model_bytes{model=\"base\"} 1000\n",
        "steno_workers{state=\"busy\"} 2\n",
        "steno_workers{state=\"silent\"} 3\n",
        "steno_housekeeping_failures_total{duty=\"orphans\"} 1\n",
        "steno_housekeeping_failures_total{duty=\"unredacted_removal\"} 0\n",
        "steno_database_seconds_sum{operation=\"claim\"} 0.0002\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, AddTheDatabaseCallsOfOtherProcesses) {
  Metrics metrics("1");
  CallTimer timer;
  for (const double seconds : {0.0002, 0.0025, 40.0}) timer.add("jobs.find", seconds);
  metrics.database_call("jobs.find", 0.0002);
  metrics.database_calls(timer.all());
  const std::string text = metrics.text();
  for (const char* line : {"_bucket{operation=\"jobs.find\",le=\"0.00025\"} 2\n",
                           "_bucket{operation=\"jobs.find\",le=\"0.0025\"} 3\n",
                           "_bucket{operation=\"jobs.find\",le=\"30\"} 3\n",
                           "_bucket{operation=\"jobs.find\",le=\"+Inf\"} 4\n",
                           "_sum{operation=\"jobs.find\"} 40.0029\n"}) {
    EXPECT_THAT(text, HasSubstr(std::string("steno_database_seconds") + line));
  }
}

TEST(Metrics, AreTheOnesOfTheTable) {
  Metrics metrics("1");
  use_all(metrics);
  std::multiset<std::string> expected;
  for (const MetricInfo& row : metric_table()) {
    expected.insert("# TYPE " + std::string(row.name) + " " + std::string(row.type));
  }
  const auto types = lines_with(metrics.text(), "# TYPE ");
  EXPECT_EQ(std::multiset<std::string>(types.begin(), types.end()), expected);
  for (const MetricInfo& row : metric_table()) {
    const std::string name(row.name);
    EXPECT_THAT(metrics.text(),
                HasSubstr("# HELP " + name + " " + std::string(row.meaning) + "\n"));
    const bool is_histogram = row.type == "histogram";
    const auto samples = lines_with(metrics.text(), name + (is_histogram ? "_count" : ""));
    ASSERT_FALSE(samples.empty()) << name;
    for (const auto label : row.labels) {
      EXPECT_THAT(samples.front(), HasSubstr(std::string(label) + "=\"")) << name;
    }
    EXPECT_EQ(std::ranges::count(samples.front(), '='), row.labels.size()) << samples.front();
  }
}

TEST(Metrics, NamesAreTheGoldenList) {
  std::string names;
  for (const MetricInfo& row : metric_table()) names += std::string(row.name) + "\n";
  EXPECT_EQ(names, read_file(STENO_GOLDEN "/metric_names.txt"));
}

TEST(Metrics, AreDocumented) {
  std::string rows;
  for (const MetricInfo& row : metric_table()) {
    std::string labels;
    for (const auto label : row.labels) {
      labels += (labels.empty() ? "`" : ", `") + std::string(label) + "`";
    }
    rows += "| `" + std::string(row.name) + "` | " + std::string(row.type) + " | " + labels +
            " | " + std::string(row.meaning) + " |\n";
  }
  std::string documented;
  for (const auto& line : lines_with(read_file(STENO_GOLDEN "/../../docs/metrics.md"), "| `")) {
    documented += line + "\n";
  }
  EXPECT_EQ(documented, rows);
}

TEST(Metrics, WhatHasEndedIsGone) {
  Metrics metrics("1");
  use_all(metrics);
  metrics.event_stream_closed();
  metrics.set_queue({});
  metrics.set_models(std::vector<LoadedModel>{{.name = "tiny", .workers = 1, .bytes = 10}});
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("steno_event_streams 0\n"));
  EXPECT_THAT(text, HasSubstr("steno_queue_jobs{priority=\"5\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("steno_queue_oldest_seconds{priority=\"5\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("steno_models_loaded{model=\"tiny\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("model=\"base\"")));
}

TEST(Metrics, NoCallerCanFillTheMemory) {
  Metrics metrics("1");
  const std::string before = metrics.text();
  std::vector<LoadedModel> models;
  for (int i = 0; i < 1000; ++i) {
    const std::string any = "name" + std::to_string(i);
    metrics.request_ended(any, any, i, 1);
    metrics.job_ended({.state = any, .cause = any});
    metrics.stage_ended(any, 1);
    metrics.database_call(any, 1);
    models.push_back({.name = any, .workers = 1, .bytes = 1});
  }
  metrics.set_models(models);
  metrics.set_models(models);
  const std::string text = metrics.text();
  for (const char* name : {"steno_jobs_total{", "steno_stage_seconds_count{",
                           "steno_database_seconds_count{", "steno_models_loaded{"}) {
    const size_t count = lines_with(text, name).size();
    EXPECT_GT(count, 10u) << name;
    EXPECT_LE(count, 60u) << name;
  }
  EXPECT_EQ(lines_with(text, "steno_http_request_seconds_count{").size(), 101u);
  EXPECT_THAT(text, HasSubstr("steno_models_loaded{model=\"other\"} 950\n"));
  EXPECT_THAT(text, HasSubstr("method=\"other\""));
  EXPECT_THAT(text, HasSubstr("status=\"other\""));
}

TEST(Metrics, OnlyCompletedJobsHaveASpeed) {
  Metrics metrics("1");
  metrics.job_ended({.state = "failed", .cause = "bad_audio", .work_seconds = 1});
  metrics.job_ended({.state = "completed", .work_seconds = 0, .audio_seconds = 5});
  EXPECT_THAT(metrics.text(), HasSubstr("steno_audio_speed_count 0\n"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("steno_jobs_total{cause=\"bad_audio\",state=\"failed\"} 1\n"));
}

TEST(Metrics, CountFromManyThreads) {
  Metrics metrics("1");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics] {
        for (int j = 0; j < 500; ++j) {
          use_all(metrics);
          if (j % 100 != 0) continue;
          EXPECT_THAT(metrics.text(), HasSubstr("steno_jobs_total"));
        }
      });
    }
  }
  EXPECT_THAT(metrics.text(), HasSubstr("steno_event_streams 2000\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("state=\"completed\"} 2000\n"));
}

TEST(BoundedLabel, TakesSoManyAndNoText) {
  BoundedLabel label(2);
  EXPECT_EQ(label("a"), "a");
  EXPECT_EQ(label("b"), "b");
  EXPECT_EQ(label("c"), "other");
  EXPECT_EQ(label("a"), "a");
  BoundedLabel another(9);
  for (const std::string& bad : {std::string(), std::string("a\nb"), std::string(101, 'x'),
                                 std::string("\xff"), std::string("ש")}) {
    EXPECT_EQ(another(bad), "other");
  }
}

}  // namespace
}  // namespace steno
