#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/pause.h"
#include "worker/transcriber.h"

namespace steno {

/// Returns the same text for every recording after a configurable time: an engine for tests of
/// everything around it, including load tests. Thread-safe.
class ScriptedTranscriber : public Transcriber {
 public:
  int segments = 3;
  std::chrono::milliseconds each{0};  ///< time per segment
  /// Called in the middle of the work if set. Its error or exception is the outcome.
  std::function<Result<void>(const Job&, const std::optional<decode::Source>&,
                             const std::stop_token&)>
      on_work;
  /// Name of the stage whose output is stored in the middle of the work, if set.
  std::string stage;
  std::mutex found_mutex;
  std::vector<std::string> found;  ///< the stored output that each attempt found at its start
  std::atomic<int> running = 0;
  std::atomic<int> most_running = 0;

  Result<Transcript> transcribe(const Job& job, const std::optional<decode::Source>& audio,
                                StageOutputs& stages, Sink& sink, std::stop_token stop) override {
    if (!stage.empty()) {
      const std::lock_guard lock(found_mutex);
      found.push_back(stages.find(stage).value_or(""));
    }
    const Count count(*this);
    Transcript transcript;
    transcript.language = "en";
    transcript.model = "scripted";
    transcript.duration = segments;
    Progress progress;
    progress.total = segments;
    sink.progress(progress);
    for (int i = 0; i < segments; ++i) {
      if (i == segments / 2 && !stage.empty()) {
        stages.keep(stage, "made in attempt " + std::to_string(job.attempt));
      }
      if (on_work && i == segments / 2) {
        if (auto worked = on_work(job, audio, stop); !worked) {
          return tl::unexpected(worked.error());
        }
      }
      pause_for(each, stop);
      if (stop.stop_requested()) return fail(Errc::cancelled, "cancelled");
      Segment segment;
      segment.id = i;
      segment.start = i;
      segment.end = i + 1;
      segment.text = " Segment " + std::to_string(i) + ".";
      sink.segment(segment);
      transcript.segments.push_back(std::move(segment));
      progress.done = i + 1;
      sink.progress(progress);
    }
    return transcript;
  }

 private:
  struct Count {
    explicit Count(ScriptedTranscriber& all) : all(all) {
      const int now = ++all.running;
      int most = all.most_running;
      while (most < now && !all.most_running.compare_exchange_weak(most, now)) {
      }
    }
    ~Count() { --all.running; }
    ScriptedTranscriber& all;
  };
};

}  // namespace steno
