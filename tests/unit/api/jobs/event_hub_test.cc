#include "api/jobs/event_hub.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <mutex>

#include "api/system/job_metrics.h"
#include "notify/memory/memory_notifier.h"
#include "unit/api/job_fixture.h"
#include "unit/notify/failing_notifier.h"

namespace steno::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EventHubTest : public JobApiTest {
 protected:
  /// Records the events of a subscription.
  struct Notes {
    std::mutex mutex;
    std::vector<std::string> types;
    std::vector<std::string> all() {
      const std::scoped_lock lock(mutex);
      return types;
    }
    void add(const std::string& type) {
      const std::scoped_lock lock(mutex);
      types.push_back(type);
    }
  };
};

TEST_F(EventHubTest, NotifiesOnlySubscribersOfTheJob) {
  Notes notes;
  const auto watched = submit();
  const auto other = submit();
  const auto subscription = service().events.subscribe(
      watched,
      [&](const EventHub::Notification& notification) { notes.add(notification.event.type); });
  ASSERT_TRUE(lifecycle().cancel(other));
  ASSERT_TRUE(lifecycle().cancel(watched));
  EXPECT_TRUE(eventually([&] { return !notes.all().empty() && notes.all().back() == "end"; }));
  const auto all = notes.all();
  EXPECT_EQ(std::ranges::count(all, "end"), 1);
}

TEST_F(EventHubTest, SurvivesAFailingNotifier) {
  MemoryNotifier notifier;
  FailingNotifier failing(notifier);
  failing.fail(2);
  Notes notes;
  EventHub hub(store_->events(), failing, service().log);
  const auto id = submit();
  const auto subscription = hub.subscribe(
      id, [&](const EventHub::Notification& notification) { notes.add(notification.event.type); });
  ASSERT_TRUE(lifecycle().cancel(id));
  EXPECT_TRUE(eventually([&] { return !notes.all().empty() && notes.all().back() == "end"; }));
}

TEST_F(EventHubTest, AnEndedSubscriptionReceivesNothing) {
  Notes dropped;
  Notes kept;
  const auto id = submit();
  auto& hub = service().events;
  auto first = hub.subscribe(id, [&](const EventHub::Notification&) { dropped.add("x"); });
  const auto second = hub.subscribe(
      id, [&](const EventHub::Notification& notification) { kept.add(notification.event.type); });
  first = {};
  const auto heard = dropped.all().size();  // may include the submission
  ASSERT_TRUE(lifecycle().cancel(id));
  EXPECT_TRUE(eventually([&] { return !kept.all().empty() && kept.all().back() == "end"; }));
  EXPECT_EQ(dropped.all().size(), heard);
}

TEST_F(EventHubTest, AnObserverThatFailsIsAskedAgainBeforeTheSubscribers) {
  Notes observed;
  Notes told;
  const auto id = submit();
  Log log(LogLevel::error);
  int failures = 2;
  EventHub hub(store_->events(), *event_notifier_, log, [&](const Event& event) {
    if (failures-- > 0) throw StoreError(StoreError::Kind::busy, "locked");
    observed.add(event.type);
  });
  const auto subscription = hub.subscribe(
      id, [&](const EventHub::Notification& notification) { told.add(notification.event.type); });
  ASSERT_TRUE(lifecycle().cancel(id));
  EXPECT_TRUE(eventually([&] { return told.all().size() == 2; }));
  EXPECT_THAT(observed.all(), ElementsAre("status", "end"));
  EXPECT_THAT(told.all(), ElementsAre("status", "end"));
}

TEST_F(EventHubTest, CountsHowJobsEndAndHowLongStagesTake) {
  Metrics metrics("test");
  JobMetrics counts(store_->jobs(), metrics);
  const auto id = submit();
  auto lease = claim(id);
  clock_.advance(Milliseconds(1000));
  advance(lease, "transcribing", 10);
  clock_.advance(Milliseconds(3000));
  complete(lease);
  const auto other = failed();
  for (const auto& event : store_->events().events_since({}, 100)) counts.on_event(event);
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("stage=\"transcribing\"")) << text;
  EXPECT_THAT(text, HasSubstr("cause=\"bad_audio\"")) << text;
  EXPECT_THAT(text, HasSubstr("state=\"completed\"")) << text;
}

}  // namespace
}  // namespace steno::api
