#pragma once

#include <string>
#include <utility>
#include <vector>

#include "jobs/lifecycle.h"
#include "unit/api/api_fixture.h"
#include "unit/jobs/claim_job.h"

namespace steno::api {

/// The API with direct access to jobs instead of submissions and workers.
class JobApiTest : public ApiTest {
 protected:
  static constexpr const char* kTranscript =
      R"({"text":"Good morning.","language":"en","language_probability":0.99,"duration":2.6,
          "duration_after_vad":2.4,"model":"base","segments":[{"id":0,"start":0.1,"end":2.4,
          "text":" Good morning.","speaker":null,"speakers":[],"words":[{"word":" Good","start":0.1,
          "end":0.5,"probability":0.98,"speaker":null},{"word":" morning.","start":0.5,"end":2.4,
          "probability":0.97,"speaker":null}],"extra_data":{"avg_logprob":-0.2,
          "compression_ratio":1.1,"no_speech_prob":0.01,"temperature":0.0,"tokens":[1,2]}}]})";

  static std::string path(const std::string& id, const std::string& below = "") {
    return "/api/v1/jobs/" + id + below;
  }

  /// Creates a job of `owner` with its own recording. Returns its id.
  std::string submit(const std::string& owner = "alice", Job job = {}) {
    const auto blob = "audio/" + std::to_string(++recordings_);
    EXPECT_TRUE(blob::put_blob(*blobs_, blob, "0123456789"));
    job.owner = owner;
    job.key_id = "key_of_" + owner;
    job.model = "base";
    job.source = {blob, "", "call one.wav", 10};
    if (job.options.empty()) job.options = "{}";
    return lifecycle().submit({.jobs = {std::move(job)}}).jobs.at(0).id;
  }

  Lease claim(const std::string& id) {
    return claim_job(*store_, lifecycle(), clock_, id, "w1").value();
  }

  void advance(Lease& lease, const std::string& stage, double progress,
               const std::vector<std::string>& segments = {}) {
    EXPECT_EQ(lifecycle().advance(lease, stage, progress, segments), LeaseStatus::kept);
  }

  void complete(Lease& lease, const std::string& transcript = kTranscript) {
    const auto key = result_key(lease.job.id, lease.fence);
    EXPECT_TRUE(blob::put_blob(*blobs_, key, transcript));
    EXPECT_EQ(lifecycle().complete(lease, {key, 2.6, {}}, 0.5), LeaseStatus::kept);
  }

  void fail(Lease& lease) {
    const Failure failure{"bad_audio", "the recording is no audio"};
    EXPECT_EQ(lifecycle().fail(lease, failure, Retry::no, 0.1), LeaseStatus::kept);
  }

  std::string completed(const std::string& owner = "alice", Job job = {},
                        const std::string& transcript = kTranscript) {
    const auto id = submit(owner, std::move(job));
    auto lease = claim(id);
    complete(lease, transcript);
    return id;
  }

  std::string failed(const std::string& owner = "alice") {
    const auto id = submit(owner);
    auto lease = claim(id);
    fail(lease);
    return id;
  }

  /// Creates a job that failed in its only attempt.
  std::string dead_letter(const std::string& owner = "alice") {
    Job job;
    job.max_attempts = 1;
    const auto id = submit(owner, job);
    auto lease = claim(id);
    const Failure lost{"worker_lost", "the worker was lost"};
    EXPECT_EQ(lifecycle().fail(lease, lost, Retry::yes, 0.1), LeaseStatus::kept);
    return id;
  }

  /// The last entry of the audit log: "ACTION SUBJECT RESULT".
  std::string last_audit() {
    const auto entries = store_->audit().list(0, 1);
    if (entries.empty()) return "";
    return entries[0].action + " " + entries[0].subject + " " + entries[0].result;
  }

 private:
  int recordings_ = 0;
};

}  // namespace steno::api
