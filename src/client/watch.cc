#include "client/watch.h"

#include <optional>
#include <utility>

#include "base/pause.h"
#include "client/event_reader.h"
#include "client/problem.h"
#include "client/wire.h"

namespace steno::client {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A service sends a comment more often than that.
constexpr std::chrono::seconds kSilence{90};

}  // namespace

// What one connection has brought.
struct JobWatch::Connection {
  JobWatch& watch;
  bool has_updates = false;
  std::optional<JobEnd> end = {};
  std::optional<Error> failure = {};

  void take(const StreamEvent& event) {
    if (failure || end) return;
    if (const auto taken = take_checked(event); !taken) {
      failure = taken.error();
      return;
    }
    has_updates = true;
    watch.last_event_ = event.id;
  }

 private:
  Result<void> take_checked(const StreamEvent& event) {
    if (event.type == "segment") return take_segment(event.data);
    if (event.type == "status" || event.type == "progress") {
      const auto progress = parse_progress(event.data);
      if (!progress) return tl::unexpected(progress.error());
      watch.watcher_.progress(*progress);
    } else if (event.type == "end") {
      auto ended = parse_end(event.data);
      if (!ended) return tl::unexpected(ended.error());
      end = *std::move(ended);
    }
    return {};  // a later version's other events are none of ours
  }

  Result<void> take_segment(const std::string& data) {
    const auto numbered = parse_segment_event(data);
    if (!numbered) return tl::unexpected(numbered.error());
    // A job that was sent again tells of its segments again.
    if (numbered->index < watch.segments_) return {};
    watch.segments_ = numbered->index + 1;
    watch.watcher_.segment(numbered->segment);
    return {};
  }
};

JobWatch::JobWatch(Caller& caller, std::string job_id, JobWatcher& watcher)
    : caller_(caller), job_id_(std::move(job_id)), watcher_(watcher) {}

Result<Answer> JobWatch::connect(Connection& connection, const std::stop_token& stop) {
  EventReader reader([&connection](const StreamEvent& event) { connection.take(event); });
  Request request;
  request.path = "/api/v1/jobs/" + escaped(job_id_) + "/events";
  request.headers = {{"Accept", "text/event-stream"}};
  if (!last_event_.empty()) request.headers.emplace_back("Last-Event-ID", last_event_);
  request.stall = kSilence;
  request.sink = [&reader](std::string_view bytes) { reader.feed(bytes); };
  return caller_.exchange().send(request, stop);
}

Result<JobEnd> JobWatch::end_from_status(const std::stop_token& stop) {
  Request request;
  request.path = "/api/v1/jobs/" + escaped(job_id_);
  const auto answer = caller_.call(request, Again::safe, stop);
  if (!answer) return tl::unexpected(answer.error());
  auto job = parse_job(answer->body);
  if (!job) return tl::unexpected(job.error());
  return JobEnd{std::move(job->status), std::move(job->error)};
}

Result<JobEnd> JobWatch::run(const std::stop_token& stop) {
  BackOff back_off(caller_.patience());
  auto last_recognized = SteadyClock::now();
  while (true) {
    Connection connection{*this};
    const auto answer = connect(connection, stop);
    if (connection.end) return *std::move(connection.end);
    if (connection.failure) return tl::unexpected(*std::move(connection.failure));
    if (answer && answer->status == 204) return end_from_status(stop);
    if (connection.has_updates || (answer && answer->status == 200)) {
      back_off.reset();
      last_recognized = SteadyClock::now();
    } else {
      Error error = answer ? error_of(*answer, caller_.exchange().server()) : answer.error();
      const bool is_over = SteadyClock::now() - last_recognized >= caller_.patience().unreachable;
      if (error.code != Errc::unavailable || !caller_.exchange().has_reached() || is_over) {
        return tl::unexpected(std::move(error));
      }
    }
    pause_for(back_off.next(), stop);
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  }
}

}  // namespace steno::client
