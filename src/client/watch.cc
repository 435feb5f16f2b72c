#include "client/watch.h"

#include <limits>
#include <optional>
#include <utility>

#include "base/pause.h"
#include "base/url.h"
#include "client/event_reader.h"
#include "client/refusal.h"
#include "client/wire.h"

namespace steno::client {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A service sends a comment more often than that.
constexpr std::chrono::seconds kSilence{90};

}  // namespace

// The events of one connection.
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
    return {};  // a later version may send other events
  }

  Result<void> take_segment(const std::string& data) {
    const auto numbered = parse_segment_event(data);
    if (!numbered) return tl::unexpected(numbered.error());
    // A job that is retried reports its segments again.
    if (numbered->index < watch.segments_) return {};
    watch.segments_ = numbered->index + 1;
    watch.watcher_.segment(numbered->segment);
    return {};
  }
};

JobWatch::JobWatch(Caller& caller, std::string job_id, JobWatcher& watcher)
    : caller_(caller), job_id_(std::move(job_id)), watcher_(watcher) {}

Result<net::HttpResponse> JobWatch::connect(Connection& connection, const std::stop_token& stop) {
  EventReader reader([&connection](const StreamEvent& event) { connection.take(event); });
  auto request = caller_.request("GET", "/api/v1/jobs/" + percent_encoded(job_id_) + "/events");
  request.headers = {{"Accept", "text/event-stream"}};
  if (!last_event_.empty()) request.headers.emplace_back("Last-Event-ID", last_event_);
  request.times.idle = kSilence;
  request.max_body = std::numeric_limits<std::uint64_t>::max();  // a stream has no end
  return caller_.stream(
      request, [&reader](std::string_view bytes) { reader.feed(bytes); }, stop);
}

Result<JobEnd> JobWatch::end_from_status(const std::stop_token& stop) {
  auto request = caller_.request("GET", "/api/v1/jobs/" + percent_encoded(job_id_));
  const auto response = caller_.call(std::move(request), Again::safe, stop);
  if (!response) return tl::unexpected(response.error());
  auto job = parse_job(response->body);
  if (!job) return tl::unexpected(job.error());
  return JobEnd{std::move(job->status), std::move(job->error)};
}

Result<JobEnd> JobWatch::run(const std::stop_token& stop) {
  net::Backoff backoff(retry_policy(caller_.patience()));
  auto last_reached = SteadyClock::now();
  while (true) {
    Connection connection{*this};
    const auto response = connect(connection, stop);
    if (connection.end) return *std::move(connection.end);
    if (connection.failure) return tl::unexpected(*std::move(connection.failure));
    if (response && response->status == 204) return end_from_status(stop);
    if (connection.has_updates || (response && response->status == 200)) {
      backoff.reset();
      last_reached = SteadyClock::now();
    } else {
      Error error = response ? refusal_of(*response, caller_.server()) : response.error();
      const bool is_over = SteadyClock::now() - last_reached >= caller_.patience().unreachable;
      if (error.code != Errc::unavailable || !caller_.has_reached() || is_over) {
        return tl::unexpected(std::move(error));
      }
    }
    pause_for(backoff.next(), stop);
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
  }
}

}  // namespace steno::client
