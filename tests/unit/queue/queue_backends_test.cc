#include "notify/inotify/inotify_notifier.h"
#include "unit/queue/queue_contract.h"

namespace steno {
namespace {

/// A queue with its notifier.
class NotifiedQueue : public Queue {
 public:
  NotifiedQueue(JobStore& jobs, const Clock& clock, const std::filesystem::path& folder)
      : notifier_(open_inotify_notifier(folder / "notifier")),
        queue_(make_database_queue(jobs, *notifier_, clock)) {}
  void push(std::span<const Job> jobs) override { queue_->push(jobs); }
  std::optional<Ticket> pop(Milliseconds longest, std::stop_token stop) override {
    return queue_->pop(longest, std::move(stop));
  }
  void done(const Ticket& ticket) override { queue_->done(ticket); }
  void wake() override { queue_->wake(); }

 private:
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<Queue> queue_;
};

const QueueBackend kBackends[] = {
    {.name = "database",
     .open = [](JobStore& jobs, const Clock& clock,
                const std::filesystem::path& folder) -> std::unique_ptr<Queue> {
       return std::make_unique<NotifiedQueue>(jobs, clock, folder);
     }},
    {.name = "memory",
     .open = [](JobStore&, const Clock& clock, const std::filesystem::path&)
         -> std::unique_ptr<Queue> { return make_memory_queue(clock); },
     .is_shared = false},
};

INSTANTIATE_TEST_SUITE_P(Backends, QueueContract, testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace steno
