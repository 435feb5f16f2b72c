#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/mutex.h"
#include "domain/event.h"
#include "domain/job.h"
#include "http/event_stream.h"
#include "notify/notifier.h"
#include "store/event_log.h"
#include "telemetry/log.h"

namespace steno::api {

/// The type of a job's last event, after which its streams end.
inline constexpr std::string_view kEndEvent = "end";

/// `event` as its streams send it. Its number is the id from which a client resumes.
http::EncodedEvent encode_for_stream(const Event& event);

/// One thread that reads the new events of all processes from the event log and passes each on to
/// the subscribers of its job. From its construction on no event is lost or repeated: while the
/// database does not answer, the hub asks again. Thread-safe.
class EventHub {
 public:
  /// One event, encoded once for all its streams. Valid during the call.
  struct Notification {
    const Event& event;
    const http::EncodedEvent& encoded;
  };
  /// Called on the hub's thread, under its lock: must neither block nor call the hub.
  using Subscriber = std::function<void(const Notification&)>;
  /// Called on the hub's thread with every event, before the subscribers. May throw StoreError: it
  /// is called again with the same event, and the subscribers wait.
  using Observer = std::function<void(const Event&)>;

  /// After its destruction the subscriber is not called any more.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(EventHub& hub, std::string job_id, std::uint64_t number)
        : hub_(&hub), job_id_(std::move(job_id)), number_(number) {}
    Subscription(Subscription&& other) noexcept;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

   private:
    EventHub* hub_ = nullptr;
    std::string job_id_;
    std::uint64_t number_ = 0;
  };

  /// Starts behind the last event of the log. The arguments outlive the hub.
  /// Throws StoreError.
  EventHub(EventLog& events, Notifier& event_notifier, Log& log, Observer observer = {});
  /// Ends the thread. There must be no subscription left.
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  /// Subscribes to the events of one job from now on. Read the earlier events after subscribing:
  /// then none is missed, and a repeated one is recognised by its number.
  [[nodiscard]] Subscription subscribe(std::string job_id, Subscriber subscriber);

 private:
  void unsubscribe(const std::string& job_id, std::uint64_t number);
  void run(const std::stop_token& stop);
  bool catch_up();
  void pass_on(const Event& event);

  EventLog& events_;
  Log& log_;
  Observer observer_;
  std::unique_ptr<Notifier::Listener> listener_;
  EventCursor cursor_;

  Mutex mutex_;
  std::uint64_t next_number_ GUARDED_BY(mutex_) = 1;
  std::unordered_map<std::string, std::map<std::uint64_t, Subscriber>> subscribers_
      GUARDED_BY(mutex_);

  std::jthread thread_;
};

}  // namespace steno::api
