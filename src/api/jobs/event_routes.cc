#include <atomic>
#include <charconv>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "api/jobs/event_hub.h"
#include "api/jobs/job_routes.h"
#include "base/mutex.h"
#include "http/event_stream.h"

namespace steno::api {
namespace {

constexpr int kReplayBatch = 200;

/// Connects one stream with the hub. First the stored events are replayed, while the hub only
/// reports the newest number. When the stream has all of them, the hub sends to it.
class LiveEnd {
 public:
  LiveEnd(std::shared_ptr<http::EventStream> stream, std::int64_t last)
      : stream_(std::move(stream)), last_(last) {}

  /// On the hub's thread.
  void on_event(const EventHub::Notification& notification) {
    const MutexLock lock(mutex_);
    newest_ = notification.event.number;
    if (!is_live_ || notification.event.number <= last_) return;
    last_ = notification.event.number;
    stream_->send(notification.encoded);
    if (notification.event.type == kEndEvent) stream_->close();
  }

  /// Lets the hub send the events after `last`; false if there are more to replay first.
  bool go_live(std::int64_t last) {
    const MutexLock lock(mutex_);
    if (newest_ > last) return false;
    last_ = last;
    is_live_ = true;
    return true;
  }

  /// Ends the stream, even if not all events have been replayed.
  void end() {
    is_ended_ = true;
    stream_->close();
  }
  bool is_ended() const { return is_ended_; }

 private:
  std::atomic<bool> is_ended_ = false;
  Mutex mutex_;
  std::shared_ptr<http::EventStream> stream_;
  std::int64_t last_ GUARDED_BY(mutex_);
  std::int64_t newest_ GUARDED_BY(mutex_) = 0;
  bool is_live_ GUARDED_BY(mutex_) = false;
};

/// Counts a stream as open during its lifetime.
class StreamCount {
 public:
  explicit StreamCount(Metrics& metrics) : metrics_(metrics) { metrics_.event_stream_opened(); }
  ~StreamCount() { metrics_.event_stream_closed(); }
  StreamCount(const StreamCount&) = delete;
  StreamCount& operator=(const StreamCount&) = delete;

 private:
  Metrics& metrics_;
};

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> number_or_complain(QueryReader& reader, std::string_view name,
                                               const std::optional<std::string>& text) {
  const auto number = text ? parse_number(*text) : std::nullopt;
  if (text && !number) {
    reader.complain("wrong_type", name, "must be the id of an event: a whole number");
  }
  return number;
}

std::optional<std::string> last_event_header(const http::Request& request) {
  const auto text = request.header("Last-Event-ID");
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// The number of the last event that the client has; 0: none. The header, which browsers send when
/// they reconnect, overrides the query.
std::int64_t last_event_id(const http::Request& request) {
  QueryReader reader(request.query());
  const auto from_query = number_or_complain(reader, "last_event_id", reader.text("last_event_id"));
  const auto from_header = number_or_complain(reader, "Last-Event-ID", last_event_header(request));
  reader.finish();
  return from_header ? *from_header : from_query.value_or(0);
}

/// Sends the stored events after `last`, until the hub takes over, the stream ends or the last
/// event is the end. An end with events after it, of a job that was sent again, is left out.
http::Task<void> replay(Service& service, const std::string& job_id, std::int64_t last,
                        http::EventStream& stream, LiveEnd& live) {
  std::optional<Event> end;
  bool was_empty = false;
  while (!live.is_ended()) {
    auto read = [&] { return service.services.jobs.events(job_id, last, kReplayBatch); };
    auto events = co_await http::offload(service.pool, read);
    if (events.empty() && end) {
      co_await stream.write(encode_for_stream(*end));
      stream.close();
      co_return;
    }
    if (events.empty() && live.go_live(last)) co_return;
    if (events.empty() && was_empty) {  // there were new events, but the job has been removed since
      stream.close();
      co_return;
    }
    was_empty = events.empty();
    for (auto& event : events) {
      last = event.number;
      end.reset();
      if (event.type == kEndEvent) {
        end = std::move(event);
      } else {
        co_await stream.write(encode_for_stream(event));
      }
    }
  }
}

/// Whether the job has ended and the client has all its events.
bool has_all(Service& service, const Caller& caller, const std::string& job_id, std::int64_t last) {
  const auto job = find_own_job(service, caller, job_id);
  return is_final(job.state) && service.services.jobs.events(job_id, last, 1).empty();
}

http::Task<void> stream_events(Service& service, http::Request& request,
                               http::Responder& responder) {
  const auto last = last_event_id(request);
  const auto& job_id = request.parameter("job_id");
  auto look = [&] { return has_all(service, caller_of(request), job_id, last); };
  if (co_await http::offload(service.pool, look)) {
    // 204 makes an EventSource stop reconnecting.
    co_await responder.send(http::Response::empty(204));
    co_return;
  }
  const StreamCount count(service.metrics);
  const auto stream = co_await responder.open_events();
  const auto live = std::make_shared<LiveEnd>(stream, last);
  auto on_event = [live](const EventHub::Notification& notification) {
    live->on_event(notification);
  };
  const auto subscription = service.events.subscribe(job_id, on_event);
  auto on_key_ended = [live] { live->end(); };
  const auto watched = service.services.key_watch.watch(caller_of(request).key_id, on_key_ended);
  co_await replay(service, job_id, last, *stream, *live);
  co_await stream->serve();
}

// The schema of one event. OpenAPI 3.1 has none for streams; this is the form of 3.2.
nlohmann::json event_schema() {
  return {{"type", "object"},
          {"required", {"id", "event", "data"}},
          {"properties",
           {{"id", {{"type", "string"}, {"pattern", "^[0-9]+$"}}},
            {"event", {{"type", "string"}, {"enum", {"status", "progress", "segment", "end"}}}},
            {"data", {{"type", "string"}, {"contentMediaType", "application/json"}}}}}};
}

Operation follow_operation() {
  const nlohmann::json number = {
      {"type", "integer"}, {"minimum", 0}, {"maximum", std::numeric_limits<std::int64_t>::max()}};
  const nlohmann::json example = {
      {"id", "3"},
      {"event", "segment"},
      {"data", R"({"id":0,"start":0.0,"end":2.4,"text":" Good morning."})"}};
  return {.id = "watch_job",
          .group = "Jobs",
          .summary = "Follow a job as server-sent events",
          .description =
              "The events are `status`, `progress`, `segment` and finally `end`, after which the "
              "stream is closed. Sends all events, or with `Last-Event-ID` those after it, without "
              "gaps or repetitions. 204 if the job has ended and no events remain. The stream ends "
              "without `end` if its key is revoked or expires.",
          .scope = "read",
          .parameters = {job_id_parameter(),
                         {"Last-Event-ID", Parameter::In::header,
                          "The id of the last received event", number},
                         {"last_event_id", Parameter::In::query,
                          "Same as Last-Event-ID, for clients that cannot set headers", number}},
          .answers = {{200,
                       "The events",
                       {{.media_type = "text/event-stream",
                         .schema = event_schema(),
                         .example = example}}},
                      {204, "The job has ended and no events remain"}},
          .problems = {404, 422}};
}

}  // namespace

void add_event_routes(Routes& routes, Service& service) {
  routes.add("GET", "/api/v1/jobs/{job_id}/events", handle_with(service, stream_events),
             follow_operation());
}

}  // namespace steno::api
