#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "domain/event.h"
#include "domain/job.h"
#include "http/event_stream.h"
#include "notify/notifier.h"
#include "store/job_store.h"
#include "telemetry/log.h"

namespace steno::api {

/// The type of a job's last event, after which its streams end.
inline constexpr std::string_view kEndEvent = "end";

/// `event` as its streams get it: its number is the id that a client resumes from.
http::EncodedEvent encode_for_stream(const Event& event);

/// One thread that reads everybody's new events out of the database, whichever process wrote them,
/// and passes each on to those who watch its job. Nothing is lost or told twice from the moment of
/// construction on: while the database does not answer, it is asked again. Thread-safe.
class EventHub {
 public:
  /// One event, encoded once for all the streams it goes to. Good during the call.
  struct Notification {
    const Event& event;
    const http::EncodedEvent& encoded;
  };
  /// Called on the hub's thread, under its lock: must neither block nor call the hub.
  using Subscriber = std::function<void(const Notification&)>;
  /// Called on the hub's thread with every event, before the subscribers. May throw StoreError: it
  /// is called again with the same event, and the subscribers wait.
  using Observer = std::function<void(const Event&)>;

  /// Ends at its destruction: the subscriber is not called any more once that has returned.
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

  /// Begins behind the last event there is now. All of it is borrowed and outlives the hub.
  /// Throws StoreError.
  EventHub(JobStore& jobs, Notifier& event_notifier, Log& log, Observer observer = {});
  /// Ends the thread. There must be no subscription left.
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  /// The events of one job from now on. What was committed before is for the caller to read, after
  /// subscribing: then nothing lies between, and what comes twice is known by its number.
  [[nodiscard]] Subscription subscribe(std::string job_id, Subscriber subscriber);

 private:
  void unsubscribe(const std::string& job_id, std::uint64_t number);
  void run(const std::stop_token& stop);
  bool catch_up();
  void pass_on(const Event& event);

  JobStore& jobs_;
  Log& log_;
  Observer observer_;
  std::unique_ptr<Notifier::Listener> listener_;
  std::int64_t position_ = 0;

  std::mutex mutex_;
  std::uint64_t next_number_ = 1;
  std::unordered_map<std::string, std::map<std::uint64_t, Subscriber>> subscribers_;

  std::jthread thread_;
};

}  // namespace steno::api
