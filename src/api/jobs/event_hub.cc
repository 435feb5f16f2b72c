#include "api/jobs/event_hub.h"

#include <iterator>
#include <utility>

#include "base/pause.h"

namespace steno::api {
namespace {

constexpr int kBatch = 500;
// The notifier wakes the hub at once. This is for a writer that ended between commit and notify.
constexpr Milliseconds kLongestSleep{1000};
constexpr Milliseconds kWaitAfterFailure{200};

}  // namespace

http::EncodedEvent encode_for_stream(const Event& event) {
  return http::encode(
      {.id = std::to_string(event.number), .event = event.type, .data = event.data});
}

EventHub::Subscription::Subscription(Subscription&& other) noexcept
    : hub_(std::exchange(other.hub_, nullptr)),
      job_id_(std::move(other.job_id_)),
      number_(other.number_) {}

EventHub::Subscription& EventHub::Subscription::operator=(Subscription&& other) noexcept {
  std::swap(hub_, other.hub_);
  std::swap(job_id_, other.job_id_);
  std::swap(number_, other.number_);
  return *this;
}

EventHub::Subscription::~Subscription() {
  if (hub_ != nullptr) hub_->unsubscribe(job_id_, number_);
}

EventHub::EventHub(EventLog& events, Notifier& event_notifier, Log& log, Observer observer)
    : events_(events),
      log_(log),
      observer_(std::move(observer)),
      listener_(event_notifier.listen()),
      cursor_(events.last_cursor()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

EventHub::~EventHub() = default;

EventHub::Subscription EventHub::subscribe(std::string job_id, Subscriber subscriber) {
  const MutexLock lock(mutex_);
  const auto number = next_number_++;
  subscribers_[job_id].emplace(number, std::move(subscriber));
  return {*this, std::move(job_id), number};
}

void EventHub::unsubscribe(const std::string& job_id, std::uint64_t number) {
  const MutexLock lock(mutex_);
  const auto found = subscribers_.find(job_id);
  found->second.erase(number);
  if (found->second.empty()) subscribers_.erase(found);
}

void EventHub::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      listener_->wait(catch_up() ? kLongestSleep : kWaitAfterFailure, stop);
    } catch (const std::exception& error) {  // of the notifier; nothing may end the service here
      log_.warning("notifications cannot be received", {{"cause", error.what()}});
      pause_for(kWaitAfterFailure, stop);
    }
  }
}

/// Passes on all new events; false when the database did not answer.
bool EventHub::catch_up() {
  try {
    while (true) {
      const auto events = events_.events_since(cursor_, kBatch);
      for (const auto& event : events) {
        pass_on(event);
        cursor_ = event.cursor;
      }
      if (std::ssize(events) < kBatch) return true;
    }
  } catch (const StoreError& error) {
    log_.warning("events cannot be read", {{"cause", error.what()}});
    return false;
  }
}

void EventHub::pass_on(const Event& event) {
  if (observer_) observer_(event);
  const MutexLock lock(mutex_);
  const auto found = subscribers_.find(event.job_id);
  if (found == subscribers_.end()) return;
  const auto encoded = encode_for_stream(event);
  for (const auto& [number, subscriber] : found->second) subscriber({event, encoded});
}

}  // namespace steno::api
