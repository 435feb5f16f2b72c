#include "notify/inotify/inotify_notifier.h"
#include "unit/queue/queue_contract.h"

namespace steno {
namespace {

/// A queue with the notifier that it rings.
class WithBell : public Queue {
 public:
  WithBell(JobStore& jobs, const Clock& clock, const std::filesystem::path& folder)
      : notifier_(open_inotify_notifier(folder / "bell")),
        queue_(make_database_queue(jobs, *notifier_, clock, std::chrono::minutes(10))) {}
  void push(const Job& job) override { queue_->push(job); }
  std::optional<Ticket> pop(const Room& room, Milliseconds longest, std::stop_token stop) override {
    return queue_->pop(room, longest, std::move(stop));
  }
  void done(const Ticket& ticket) override { queue_->done(ticket); }
  void wake() override { queue_->wake(); }

 private:
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<Queue> queue_;
};

const QueueBackend kBackends[] = {
    {"database",
     [](JobStore& jobs, const Clock& clock, const std::filesystem::path& folder) {
       return std::make_unique<WithBell>(jobs, clock, folder);
     }},
};

INSTANTIATE_TEST_SUITE_P(Backends, QueueContract, testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

}  // namespace
}  // namespace steno
